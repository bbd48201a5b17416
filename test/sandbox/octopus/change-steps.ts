import type { Flavour } from '../account.ts';
import { deploymentVariables } from '../octopus-variables.ts';
import type { Condition, Process, Script, ScriptStep, Step } from './process.ts';
import { action } from './script.ts';

/** The site that the steps call. */
interface Site {
  readonly url: string;
  readonly site?: { readonly flavour: Flavour };
}

interface ChangeStepOptions {
  readonly name: string;
  readonly operation: string;
  readonly condition?: Condition;
  /** Parameters of the step template that differ from the usual ones. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** By default the bundle as a process. */
  readonly script?: Script;
}

/** Returns a step made from the step template, with its form filled in for a sandbox. */
export function changeStep(site: Site, options: ChangeStepOptions): ScriptStep {
  const { name, operation, condition, parameters, script = action() } = options;
  const usual = Object.entries(deploymentVariables(site)).filter(([key]) => key.startsWith('JsmChange.'));
  return {
    kind: 'script',
    name,
    ...(condition !== undefined && { condition }),
    script,
    parameters: { ...Object.fromEntries(usual), 'JsmChange.Operation': operation, ...parameters },
  };
}

/** Runs a step only if an earlier step returned `Pending`, and nothing has failed. */
function ifPending(step: string): Condition {
  const decision = `Octopus.Action[${step}].Output.Decision`;
  return { variable: `#{unless Octopus.Deployment.Error}#{if ${decision} == "Pending"}True#{/if}#{/unless}` };
}

export interface ParkedOptions {
  /** Deploys once the gate has passed. */
  readonly deploying: Script;
  readonly responsibleTeams?: readonly string[];
  /** Parameters of the three steps that differ from the usual ones. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Returns the whole process of a parked deployment: request, wait, gate, deploy, report. */
export function parkedProcess(site: Site, options: ParkedOptions): Process {
  const { deploying, responsibleTeams = [], parameters = {} } = options;
  const steps: readonly Step[] = [
    changeStep(site, { name: 'Change request', operation: 'Request', parameters }),
    {
      kind: 'manual',
      name: 'Wait for approval',
      condition: ifPending('Change request'),
      instructions: '#{Octopus.Action[Change request].Output.WaitInstructions}',
      responsibleTeams,
    },
    changeStep(site, { name: 'Change gate', operation: 'Gate', parameters }),
    { kind: 'script', name: 'Deploy', script: deploying },
    changeStep(site, { name: 'Change report', operation: 'Report', condition: 'Always', parameters }),
  ];
  return { steps };
}

interface ResumeOptions {
  /** The API key of the service account. */
  readonly apiKey: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Returns the process of the runbook that resumes parked deployments. */
export function resumeProcess(site: Site, { apiKey, parameters = {} }: ResumeOptions): Process {
  const given = { 'JsmChange.OctopusApiKey': apiKey, ...parameters };
  return { steps: [changeStep(site, { name: 'Resume', operation: 'Resume', parameters: given })] };
}
