import { type StepParameter, stepParameters, type TemplateKind } from '../src/octopus/parameter-forms.ts';
import type { BundledPackage } from './bundled-packages.ts';
import type { Launcher } from './script-body.ts';

/** An Octopus action template in its export format. */
interface StepTemplate {
  readonly Id: string;
  readonly Name: string;
  readonly Description: string;
  readonly Version: number;
  readonly [property: string]: unknown;
}

type Bundled = Pick<BundledPackage, 'name' | 'license'>;

/** How the templates of the two shells differ. */
const shells = {
  bash: {
    syntax: 'Bash',
    needs:
      'Bash 4.2 or later and Node.js 20 or later on the worker; the worker-tools images (`octopusdeploy/worker-tools`) have both. On Windows workers, use the PowerShell version of this step.',
  },
  powershell: {
    syntax: 'PowerShell',
    needs:
      'Windows PowerShell 5.1 or PowerShell 7, and Node.js 20 or later on the worker; the worker-tools images (`octopusdeploy/worker-tools`) have both. On Linux workers, use the Bash version of this step.',
  },
} as const satisfies Record<Launcher['shell'], unknown>;

/** The ids and names by which Octopus and people identify the templates; they never change. */
const names = {
  step: {
    bash: ['61c7c6c4-ba69-42a1-915b-f0dab5ac8979', 'Jira Service Management - Require Approved Change'],
    powershell: [
      'bc159524-8b72-4d88-ab63-33e4495f56b8',
      'Jira Service Management - Require Approved Change (PowerShell)',
    ],
  },
  resume: {
    bash: ['4c8366e5-acc8-489a-8414-de65ec2db1af', 'Jira Service Management - Resume Parked Deployments'],
    powershell: [
      '4d235c7f-d8ab-4522-bc09-1fe1d054d5e2',
      'Jira Service Management - Resume Parked Deployments (PowerShell)',
    ],
  },
} as const satisfies Record<TemplateKind, Record<Launcher['shell'], readonly [id: string, name: string]>>;

/**
 * Returns the template for one shell. Nothing in it depends on when or where it is built.
 *
 * @param body the script that Octopus runs
 * @param bundled the packages in the script
 */
export function stepTemplate(
  shell: Launcher['shell'],
  body: string,
  version: number,
  kind: TemplateKind,
  bundled: readonly Bundled[],
): StepTemplate {
  const { syntax, needs } = shells[shell];
  const [id, name] = names[kind][shell];
  return {
    Id: id,
    Name: name,
    Description: `${descriptions[kind](needs)}\n\n${licences(bundled)}`,
    ActionType: 'Octopus.Script',
    Version: version,
    CommunityActionTemplateId: null,
    Packages: [],
    GitDependencies: [],
    Properties: {
      'Octopus.Action.RunOnServer': 'true',
      'Octopus.Action.Script.ScriptSource': 'Inline',
      'Octopus.Action.Script.Syntax': syntax,
      'Octopus.Action.Script.ScriptBody': body,
    },
    Parameters: stepParameters
      .filter(({ templates = ['step'] }) => templates.includes(kind))
      .map(templateParameter),
    LastModifiedBy: 'jsm-change-gate',
    $Meta: {
      // Constant, so that the same sources give the same file; two builds are distinguished by their version.
      ExportedAt: '2026-01-01T00:00:00.000Z',
      OctopusVersion: '2025.1.0',
      Type: 'ActionTemplate',
    },
    Category: 'jira',
  };
}

function licences(bundled: readonly Bundled[]): string {
  const names = bundled.map(({ name, license }) => `${name} (${license})`).join(', ');
  return `Licence: [Apache-2.0](https://www.apache.org/licenses/LICENSE-2.0). The script contains third-party packages: ${names}. Their licence texts are in \`licenses.txt\`, which is attached to each release, like this template.`;
}

/** Returns the text of a template's file. */
export function templateText(template: StepTemplate): string {
  return `${JSON.stringify(template, null, 2)}\n`;
}

/**
 * Returns the version that a template gets: that of the committed template if nothing else has changed,
 * otherwise the next one.
 *
 * @param template the template with a given version
 * @param committed the last committed text of the file; undefined if there is none
 */
export function nextVersion(
  template: (version: number) => StepTemplate,
  committed: string | undefined,
): number {
  if (committed === undefined) return 1;
  const before: StepTemplate = JSON.parse(committed);
  const same = templateText(template(before.Version)) === templateText(before);
  return same ? before.Version : before.Version + 1;
}

function description(needs: string): string {
  return `Blocks a deployment until the Jira Service Management change request that covers it is approved and inside its planned window. It finds the change request by its number or its title, raises one if there is none, waits for its approval, and shows in the task log what it is waiting for.

Add it as the first step of a process, mark it as required, and run it on a worker. To let people supply a change request, prompt for the variable \`Octopus.JiraServiceManagement.ChangeRequest.Number\`.

The step sets the output variables \`ChangeRequest.Number\`, \`ChangeRequest.Url\`, \`ChangeRequest.Status\`, \`ChangeRequest.Source\`, \`ChangeRequest.PlannedStart\`, \`ChangeRequest.PlannedEnd\`, \`Decision\`, \`DecisionCode\` (one word for the reason) and \`DecisionReason\`; *Request* also sets \`WaitInstructions\`.

Needs: ${needs}`;
}

const descriptions: Readonly<Record<TemplateKind, (needs: string) => string>> = {
  step: description,
  resume: (
    needs,
  ) => `Resumes parked deployments: those that wait in a Manual Intervention for a Jira Service Management change request. One run checks every parked deployment of its space once. It proceeds with those whose change request is approved and inside its planned window, aborts those whose change request was refused, and leaves the others to the next run.

Add it as the only step of a runbook, run it on a worker, and let a scheduled trigger start the runbook every few minutes. The step *Require Approved Change* with the operation *Request* parks deployments; a *Gate* after the Manual Intervention makes the final decision.

Needs: ${needs}`,
};

function templateParameter(parameter: StepParameter): Readonly<Record<string, unknown>> {
  return {
    Id: parameter.id,
    Name: parameter.name,
    Label: parameter.label,
    HelpText: parameter.help,
    DefaultValue: parameter.defaultValue,
    DisplaySettings: {
      'Octopus.ControlType': parameter.control,
      ...(parameter.options && {
        'Octopus.SelectOptions': Object.entries(parameter.options)
          .map(([value, label]) => `${value}|${label}`)
          .join('\n'),
      }),
    },
  };
}
