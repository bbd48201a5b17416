/**
 * The step's parameters: the one list from which both step templates, both launchers and the README's table are
 * made. Each becomes an Octopus variable of the same name.
 */
import { defaultProceedStatuses, defaultWaitStatuses } from '../domain/change-state.ts';

/** How Octopus shows a parameter (`Octopus.ControlType` of an action template's parameter). */
export type ParameterControl = 'SingleLineText' | 'MultiLineText' | 'Select' | 'Checkbox' | 'Sensitive';

export interface StepParameter {
  /** Octopus knows a parameter by this: never changed, never used twice. */
  readonly id: string;
  /** The variable's name. */
  readonly name: `JsmChange.${string}`;
  readonly label: string;
  /** Markdown, shown under the field. */
  readonly help: string;
  /** What a blank value means, where it is not "nothing". Octopus fills it in when the step is added. */
  readonly defaultValue: string;
  readonly control: ParameterControl;
  /** A `Select`'s values with what Octopus shows for each. */
  readonly options?: Readonly<Record<string, string>>;
}

export const parameters = [
  {
    id: '5aee9b2b-c17a-4cf0-9314-55ae0846f563',
    name: 'JsmChange.Operation',
    label: 'Operation',
    help: `What this step does:

- **Gate** - the first step of a process: finds the change request (CR), or raises one, and waits until it is approved and inside its window.
- **Verify** - a later step: looks at the CR once more and stops the deployment if it may no longer go on.
- **Report** - the last step, set to run always: tells the CR how the deployment ended.
- **Test** - tries the connection and the configuration, and changes nothing.

Blank means *Gate*.`,
    defaultValue: 'Gate',
    control: 'Select',
    options: {
      Gate: 'Gate: before the deployment',
      Verify: 'Verify: look again in the middle of it',
      Report: 'Report: tell the change request how it ended',
      Test: 'Test: try the connection, change nothing',
    },
  },
  {
    id: '94d2edf3-de85-4fb5-8395-cf0e1ae54112',
    name: 'JsmChange.BaseUrl',
    label: 'Jira base URL',
    help: `The root address of the Jira Service Management site, with its protocol: what stands before \`/browse\` in the link to an issue. Example: \`https://acme.atlassian.net\`, or \`https://jira.acme.example/jira\` for a Data Center under a context path.

Required, unless a policy is set.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: 'a21e061e-e5da-4a65-997c-828285c81526',
    name: 'JsmChange.Username',
    label: 'Jira user name',
    help: `The service account that finds, reads and raises change requests. Cloud: its e-mail address, such as \`octopus@acme.example\`. Data Center: its user name, such as \`svc-octopus\`.

Blank means that the token is a Data Center personal access token.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: '330b28e1-0336-4bb1-9d96-70b6b84bed9e',
    name: 'JsmChange.Token',
    label: 'Jira token',
    help: `The service account's secret. Cloud: an API token, made at <https://id.atlassian.com/manage-profile/security/api-tokens>. Data Center: its password, or a personal access token (then leave the user name blank). Best bound to a sensitive variable of a library set.

Required, unless a policy is set.`,
    defaultValue: '',
    control: 'Sensitive',
  },
  {
    id: '9ab31b11-d844-4d37-b764-1313e4c37e9d',
    name: 'JsmChange.ServiceProject',
    label: 'Service project',
    help: `The key of the Jira Service Management project in which change requests are found and raised: the letters before the number of an issue. Example: \`CHG\`, when a change request is called \`CHG-12\`.

Required, unless a policy is set.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: 'aef3afca-16d8-4303-bdd7-3e1eea31ea0f',
    name: 'JsmChange.RequestType',
    label: 'Request type',
    help: `The request type that a new change request is raised with: its name, as the service project's settings list it under *Request types*, or its id. Example: \`Request a change\`, or \`42\`.

Blank means \`Request a change\`.`,
    defaultValue: 'Request a change',
    control: 'SingleLineText',
  },
  {
    id: 'fef016fe-2065-4ad1-ae50-dff6ef1eefc2',
    name: 'JsmChange.ProceedStatuses',
    label: 'Statuses that let the deployment go',
    help: `The names of the statuses in which a change request is approved, one a line, as the workflow shows them. Upper and lower case do not matter. A status that is neither here nor among the statuses to wait in stops the deployment.

Blank means \`Implementing\`, the approved status of Jira's own change workflow.`,
    defaultValue: defaultProceedStatuses.join('\n'),
    control: 'MultiLineText',
  },
  {
    id: '0452c7f9-f14a-443e-8e61-c83e0d9e72ff',
    name: 'JsmChange.WaitStatuses',
    label: 'Statuses to wait in',
    help: `The names of the statuses in which a change request is still on its way to approval, one a line. Any status that is in neither list (such as *Declined* or *Completed*) stops the deployment.

Blank means those of Jira's own change workflow: ${defaultWaitStatuses.map((status) => `\`${status}\``).join(', ')}.`,
    defaultValue: defaultWaitStatuses.join('\n'),
    control: 'MultiLineText',
  },
  {
    id: 'd797bc39-faa4-46e7-8a7b-9ebe9be3ef34',
    name: 'JsmChange.PlannedStartField',
    label: 'Planned start field',
    help: `The date field that says when the change window opens: its name or its id. The name is what the change request's page shows; the id stands in Jira's *Settings > Issues > Custom fields*. Example: \`Planned start\`, or \`customfield_10045\`.

Blank means \`Planned start\`, and where there is none \`Change start date\`.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: '03e805ef-2e67-4512-877a-307041d3228f',
    name: 'JsmChange.PlannedEndField',
    label: 'Planned end field',
    help: `The date field that says when the change window closes: its name or its id. Example: \`Planned end\`, or \`customfield_10046\`.

Blank means \`Planned end\`, and where there is none \`Change completion date\`.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: '844c6a26-a57a-434e-ae28-d936e820be6b',
    name: 'JsmChange.AllowedProjects',
    label: 'Further projects',
    help: `The keys of other Jira projects from which a change request may be supplied by its number, separated by commas. Example: \`OPS, NET\`.

Blank means the service project alone, which is always allowed.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: '855eab39-620c-468d-9f35-9440289446e1',
    name: 'JsmChange.ProjectChangeControlled',
    label: 'Project is change controlled',
    help: `Whether this Octopus project needs approved changes. When it does not, the step ends at once and lets the deployment go.

Blank means yes.`,
    defaultValue: 'True',
    control: 'Checkbox',
  },
  {
    id: 'e5d60c2f-8980-46b7-82e2-d87072c0bd18',
    name: 'JsmChange.EnvironmentChangeControlled',
    label: 'Environment is change controlled',
    help: `Whether the environment that is deployed to needs approved changes. Bind it to a variable of the project that is scoped by environment, for example \`ChangeControlled\`: \`True\` for Production, \`False\` for the others.

Blank means yes.`,
    defaultValue: 'True',
    control: 'Checkbox',
  },
  {
    id: 'beb4c5ad-8f09-44c7-8324-3edf01158977',
    name: 'JsmChange.RunbookChangeControlled',
    label: 'Runbook runs are change controlled',
    help: `Whether a runbook that holds this step needs an approved change as well, in a change controlled project and environment.

Blank means no: the step lets runbook runs go at once.`,
    defaultValue: 'False',
    control: 'Checkbox',
  },
  {
    id: '74d04f28-88af-479c-99b8-c0124336c3a8',
    name: 'JsmChange.CustomerComments',
    label: 'Comment for customers',
    help: `Whether the change request gets a public comment when the wait for approval begins, when the deployment starts and when it ends. Whoever sees the request in the customer portal sees these comments, and may be notified of them by e-mail.

Blank means no.`,
    defaultValue: 'False',
    control: 'Checkbox',
  },
  {
    id: 'a448ffd6-be5c-49c0-8c71-8ce3087ad763',
    name: 'JsmChange.WhenPending',
    label: 'When the change is not ready',
    help: `What to do while the change request is not approved, or its window has not opened: **Wait** and look again, or **Fail** at once, so that the worker is free and the deployment is tried again later. A step that waits holds its worker.

Blank means *Wait*.`,
    defaultValue: 'Wait',
    control: 'Select',
    options: {
      Wait: 'Wait until it is',
      Fail: 'Fail: look once, and stop if it is not',
    },
  },
  {
    id: '2d31a508-2703-4ad4-b4cd-7441b6d6e291',
    name: 'JsmChange.PollIntervalSeconds',
    label: 'Seconds between two looks',
    help: `The shortest time between two looks at the change request while waiting, in whole seconds, 1 to 3600. Long waits look less often. Example: \`30\`.

Blank means 15.`,
    defaultValue: '15',
    control: 'SingleLineText',
  },
  {
    id: 'be0a3217-3a5f-4f55-a8ba-c298a56010ba',
    name: 'JsmChange.WaitLimitMinutes',
    label: 'Longest wait, in minutes',
    help: `How long the step may run before it gives up, in whole minutes, up to 43200 (30 days). Example: \`480\` for a working day. \`0\` sets no limit; the step's own time-out in Octopus still counts.

Blank means 1440, a day.`,
    defaultValue: '1440',
    control: 'SingleLineText',
  },
  {
    id: '54bce0d8-3b28-48c0-adbf-14fe2f152e93',
    name: 'JsmChange.OutageMinutes',
    label: 'Longest outage of Jira, in minutes',
    help: `How long Jira may be out of reach during a wait before the step gives up, in whole minutes, 0 to 1440. Example: \`60\`. \`0\` gives up when three tries of one request have failed.

Blank means 15.`,
    defaultValue: '15',
    control: 'SingleLineText',
  },
  {
    id: '687fea64-aa58-497f-88c6-eeb0c35924f9',
    name: 'JsmChange.ApproveTransition',
    label: 'Approve by transition',
    help: `For pre-approved (standard) changes: the transition that the step itself runs on a change request that it has just raised. Give its id, its name, or the status it leads to. Example: \`Implementing\`. A change request that was raised by someone else is never moved.

Blank means that people approve. With a policy, the project's entry must say \`preApproved: true\`.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: 'cd2711f0-7d57-4ddc-9c71-731c0b72f4d9',
    name: 'JsmChange.SuccessStatus',
    label: 'Status after a success',
    help: `*Report* only: the status that the change request is moved to when the deployment has succeeded. Example: \`Completed\`.

Blank means that its status is left alone.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: '583728ba-3de2-4477-9c8e-1f1f380af34a',
    name: 'JsmChange.FailureStatus',
    label: 'Status after a failure',
    help: `*Report* only: the status that the change request is moved to when the deployment has failed. Example: \`Failed\`.

Blank means that its status is left alone.`,
    defaultValue: '',
    control: 'SingleLineText',
  },
  {
    id: '697eb5a0-78d2-4d5f-b545-4a0b23b0e16c',
    name: 'JsmChange.Policy',
    label: 'Policy',
    help: `One YAML text that says for all projects what is change controlled, where, and with which connection. Best kept in a variable of a library set that only the change managers may edit. It begins with \`version: 1\`; its JSON Schema and an example come with the step's source.

When it is set it decides, instead of the parameters from *Jira base URL* to *Comment for customers*. Blank means that those parameters decide.`,
    defaultValue: '',
    control: 'MultiLineText',
  },
] as const satisfies readonly StepParameter[];

/** The name of a step parameter. */
export type ParameterName = (typeof parameters)[number]['name'];
