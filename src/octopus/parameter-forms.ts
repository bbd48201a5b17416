/** How the forms of the step templates show the parameters. */
import { defaultRequestType } from '../domain/change/change-request.ts';
import { defaultWaitStatuses } from '../domain/change/change-state.ts';
import { type ParameterName, parameters } from './parameters.ts';

/** How Octopus shows a parameter (`Octopus.ControlType` of an action template's parameter). */
type ParameterControl = 'SingleLineText' | 'MultiLineText' | 'Select' | 'Checkbox' | 'Sensitive';

/** The templates of the step, and those of `Resume`, which contain the same body. */
export type TemplateKind = 'step' | 'resume';

interface ParameterForm {
  /** Identifies the parameter in Octopus. It never changes and is never used twice. */
  readonly id: string;
  /** Markdown, shown under the field. */
  readonly help: string;
  /** By default a single line of text. */
  readonly control?: ParameterControl;
  /** The values of a `Select`, with what Octopus shows for each. */
  readonly options?: Readonly<Record<string, string>>;
  /** The templates that have the parameter; by default only the step templates. */
  readonly templates?: readonly TemplateKind[];
}

/** A parameter with everything that a template says about it. */
export interface StepParameter extends ParameterForm {
  readonly name: ParameterName;
  readonly label: string;
  readonly control: ParameterControl;
  readonly defaultValue: string;
}

const forms: Readonly<Record<ParameterName, ParameterForm>> = {
  'JsmChange.Operation': {
    id: '5aee9b2b-c17a-4cf0-9314-55ae0846f563',
    help: `What this step does:

- **Gate** - the first step of a process: finds the change request (CR), or raises one, and waits until it is approved and inside its window.
- **Request** - before a Manual Intervention: finds or raises the CR early and never waits, so that the deployment can be parked without a worker. It does not gate the deployment: a *Gate* must follow.
- **Verify** - a later step: checks the CR again, and stops the deployment if it may no longer proceed.
- **Report** - the last step, set to run always: records on the CR how the deployment ended.
- **Test** - tries the connection and the configuration, and changes nothing.

If empty: *Gate*.`,
    control: 'Select',
    options: {
      Gate: 'Gate: before the deployment',
      Request: 'Request: find or raise the change request early, without gating',
      Verify: 'Verify: check again during the deployment',
      Report: 'Report: record on the change request how the deployment ended',
      Test: 'Test: try the connection and change nothing',
    },
  },
  'JsmChange.BaseUrl': {
    id: '94d2edf3-de85-4fb5-8395-cf0e1ae54112',
    help: `The root URL of the Jira Service Management site, including the protocol: the part before \`/browse\` in the link to an issue. Examples: \`https://acme.atlassian.net\`, or \`https://jira.acme.example/jira\` for Data Center with a context path.

Required unless a policy is set.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.Username': {
    id: 'a21e061e-e5da-4a65-997c-828285c81526',
    help: `The service account that finds, reads and raises change requests. Cloud: its email address, such as \`octopus@acme.example\`. Data Center: its user name, such as \`svc-octopus\`.

If empty, the token is a Data Center personal access token.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.Token': {
    id: '330b28e1-0336-4bb1-9d96-70b6b84bed9e',
    help: `The service account's secret. Cloud: an API token, created at <https://id.atlassian.com/manage-profile/security/api-tokens>. Data Center: the account's password, or a personal access token (then leave the user name empty). We recommend binding it to a sensitive variable in a library variable set.

Required unless a policy is set.`,
    control: 'Sensitive',
    templates: ['step', 'resume'],
  },
  'JsmChange.ServiceProject': {
    id: '9ab31b11-d844-4d37-b764-1313e4c37e9d',
    help: `The key of the Jira Service Management project in which change requests are found and raised: the letters before an issue's number. Example: \`CHG\` if change requests are numbered like \`CHG-12\`.

Required unless a policy is set.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.RequestType': {
    id: 'aef3afca-16d8-4303-bdd7-3e1eea31ea0f',
    help: `The request type used to raise a new change request: its name, as listed under *Request types* in the service project's settings, or its id. Examples: \`Request a change\`, \`42\`.

If empty: \`${defaultRequestType}\`.`,
  },
  'JsmChange.ProceedStatuses': {
    id: 'fef016fe-2065-4ad1-ae50-dff6ef1eefc2',
    help: `The statuses in which a change request is approved, one per line, as the workflow names them. Case does not matter. Any status that is in neither this list nor *Statuses that wait* stops the deployment.

If empty: \`Implementing\`, the approved status of Jira's own change workflow.`,
    control: 'MultiLineText',
    templates: ['step', 'resume'],
  },
  'JsmChange.WaitStatuses': {
    id: '0452c7f9-f14a-443e-8e61-c83e0d9e72ff',
    help: `The statuses in which a change request is still on its way to approval, one per line. Any status that is in neither list (such as *Declined* or *Completed*) stops the deployment.

If empty, the statuses of Jira's own change workflow: ${defaultWaitStatuses.map((status) => `\`${status}\``).join(', ')}.`,
    control: 'MultiLineText',
    templates: ['step', 'resume'],
  },
  'JsmChange.PlannedStartField': {
    id: 'd797bc39-faa4-46e7-8a7b-9ebe9be3ef34',
    help: `The date field that says when the change window opens: its name, as the change request shows it, or its id, as listed in Jira under *Settings > Issues > Custom fields*. Examples: \`Planned start\`, \`customfield_10045\`.

If empty: \`Planned start\`, or \`Change start date\` if there is no such field.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.PlannedEndField': {
    id: '03e805ef-2e67-4512-877a-307041d3228f',
    help: `The date field that says when the change window closes: its name or its id. Examples: \`Planned end\`, \`customfield_10046\`.

If empty: \`Planned end\`, or \`Change completion date\` if there is no such field.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.AllowedProjects': {
    id: '844c6a26-a57a-434e-ae28-d936e820be6b',
    help: `The keys of other Jira projects whose change requests may be supplied by number, separated by commas. Example: \`OPS, NET\`.

If empty, only the service project is allowed. It is always allowed.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.ProjectChangeControlled': {
    id: '855eab39-620c-468d-9f35-9440289446e1',
    help: `Whether this Octopus project requires approved changes. If not, the step ends immediately and allows the deployment.

If empty: yes.`,
    control: 'Checkbox',
  },
  'JsmChange.EnvironmentChangeControlled': {
    id: 'e5d60c2f-8980-46b7-82e2-d87072c0bd18',
    help: `Whether the environment being deployed to requires approved changes. Bind it to a project variable scoped by environment, for example \`ChangeControlled\`: \`True\` for Production, \`False\` for the others.

If empty: yes.`,
    control: 'Checkbox',
  },
  'JsmChange.RunbookChangeControlled': {
    id: 'beb4c5ad-8f09-44c7-8324-3edf01158977',
    help: `Whether runs of a runbook that contains this step also require an approved change, if the project and the environment are change controlled.

If empty: no, and the step allows runbook runs immediately.`,
    control: 'Checkbox',
  },
  'JsmChange.CustomerComments': {
    id: '74d04f28-88af-479c-99b8-c0124336c3a8',
    help: `Whether to add a comment to the change request when the wait for approval begins, when the deployment starts and when it ends. **Public** comments can be seen by everyone who can see the request in the customer portal, and may be sent by email; **internal** ones only by agents.

If empty: no comments.`,
    control: 'Select',
    options: {
      False: 'None',
      True: 'Public: customers see them',
      Internal: 'Internal: only agents see them',
    },
  },
  'JsmChange.SuppliedMustMention': {
    id: '0b0dbb5e-6f0d-4c53-9d0c-7a2f5b1a4e61',
    help: `Texts, one per line, that the summary or description of a change request supplied by number must contain, so that not just any approved change request allows a deployment. Case does not matter; only whole words match. Bind it to variables such as the project name and the release number.

If empty, nothing is required; a warning says so if neither the project nor the release is mentioned.`,
    control: 'MultiLineText',
  },
  'JsmChange.ApprovalCheck': {
    id: 'c6a9f1c4-52a7-4b7e-8a51-2b8b3a0f6d92',
    help: `What is required in addition to the status: nothing (**Status**); every approval in JSM (**Approved**); or every approval, and at least one of them by somebody other than the person who deploys (**OtherApprover**), as far as JSM shows email addresses.

If empty: *Status*.`,
    control: 'Select',
    options: {
      Status: 'Status: the status is enough',
      Approved: 'Approved: every approval in JSM is given',
      OtherApprover: 'OtherApprover: one by somebody other than the person who deploys',
    },
    templates: ['step', 'resume'],
  },
  'JsmChange.EvidenceRecord': {
    id: 'f2e7b6a0-3c1d-4f6a-9d35-8c4d5e7f1b23',
    help: `Whether to leave a record of the decision as artifacts of the deployment: a page for people, and JSON that can be replayed.

If empty: yes.`,
    control: 'Checkbox',
  },
  'JsmChange.WhenPending': {
    id: 'a448ffd6-be5c-49c0-8c71-8ce3087ad763',
    help: `What to do while the change request is not approved or its window has not opened: **Wait** and check again, or **Fail** immediately, so that the worker is free and the deployment can be retried later. A waiting step occupies its worker.

If empty: *Wait*.`,
    control: 'Select',
    options: {
      Wait: 'Wait until it is ready',
      Fail: 'Fail: check once, and stop if it is not ready',
    },
  },
  'JsmChange.PollIntervalSeconds': {
    id: '2d31a508-2703-4ad4-b4cd-7441b6d6e291',
    help: `The shortest time between two checks of the change request while waiting, in whole seconds from 1 to 3600. The longer the wait, the less often the step checks. Example: \`30\`.

If empty: 15.`,
  },
  'JsmChange.WaitLimitMinutes': {
    id: 'be0a3217-3a5f-4f55-a8ba-c298a56010ba',
    help: `How long the step may run before it gives up, in whole minutes, up to 43200 (30 days). Example: \`480\`, a working day. \`0\` sets no limit; the time-out of the step in Octopus still applies.

If empty: 1440, which is one day.`,
  },
  'JsmChange.OutageMinutes': {
    id: '54bce0d8-3b28-48c0-adbf-14fe2f152e93',
    help: `How long Jira may be unreachable during a wait before the step gives up, in whole minutes from 0 to 1440. Example: \`60\`. With \`0\` the step gives up after three failed attempts at one request.

If empty: 15.`,
  },
  'JsmChange.ApproveTransition': {
    id: '687fea64-aa58-497f-88c6-eeb0c35924f9',
    help: `For pre-approved (standard) changes: the transition that the step runs on a change request that it has just raised. Enter its id, its name, or the status it leads to. Example: \`Implementing\`. A change request raised by anyone else is never moved.

If empty, people approve the change. With a policy, the project's entry must say \`preApproved: true\`.`,
  },
  'JsmChange.SuccessStatus': {
    id: 'cd2711f0-7d57-4ddc-9c71-731c0b72f4d9',
    help: `*Report* only: the status to move the change request to if the deployment succeeded. Example: \`Completed\`.

If empty, its status is not changed.`,
  },
  'JsmChange.FailureStatus': {
    id: '583728ba-3de2-4477-9c8e-1f1f380af34a',
    help: `*Report* only: the status to move the change request to if the deployment failed. Example: \`Failed\`.

If empty, its status is not changed.`,
  },
  'JsmChange.OctopusUrl': {
    id: '9d3c5a17-2f84-4a0b-b6e9-1c7f8e2d4a56',
    help: `*Resume* and *Test* only: the root URL of the Octopus server whose parked deployments are resumed. Example: \`https://acme.octopus.app\`.

If empty: the server that runs the step.`,
    templates: ['step', 'resume'],
  },
  'JsmChange.OctopusApiKey': {
    id: '5b7e9f20-8d46-4c1a-a3f5-6e0d2b9c7184',
    help: `*Resume* and *Test* only: the API key of an Octopus service account that may view and submit the Manual Interventions of parked deployments. Bind it to a sensitive variable.

Required by *Resume*. If empty, *Test* skips the connection to Octopus.`,
    control: 'Sensitive',
    templates: ['step', 'resume'],
  },
  'JsmChange.ParkLimitDays': {
    id: 'e8a1d4c6-7b30-4f95-8c2e-3d6f0a5b9e47',
    help: `How long a deployment may stay parked while its change request is pending, in whole days from 0 to 3650; then it is aborted. \`0\` sets no limit.

If empty: 30.`,
    templates: ['resume'],
  },
  'JsmChange.Policy': {
    id: '697eb5a0-78d2-4d5f-b545-4a0b23b0e16c',
    help: `YAML that defines for all projects what is change controlled, where, and through which connection. We recommend keeping it in a library variable set that only change managers can edit. It begins with \`version: 1\`; its JSON Schema and an example come with the step's source.

If set, it replaces the parameters from *Jira base URL* to *Approval check*. If empty, those parameters decide.`,
    control: 'MultiLineText',
    templates: ['step', 'resume'],
  },
};

/** All parameters, in the order of the form. */
export const stepParameters: readonly StepParameter[] = parameters.map((parameter) => ({
  ...parameter,
  control: 'SingleLineText',
  ...forms[parameter.name],
}));
