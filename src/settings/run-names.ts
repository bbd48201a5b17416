import { isParkWord } from '../domain/deployment/park-line.ts';
import { deploymentTitle, longestTitle, runbookTitle } from '../domain/deployment/title.ts';
import { text } from '../domain/text.ts';
import { isRunbookRun } from '../octopus/run-facts.ts';
import type { VariableName } from '../octopus/variable-names.ts';
import type { Variables } from '../octopus/variables.ts';
import type { StepInput } from './step-input.ts';

/** What depends on the names of a run. */
interface NamesNeeded {
  /** The title is built from them. */
  readonly byTitle: boolean;
  /** The policy decides on them. */
  readonly byPolicy: boolean;
}

/** I6: notes the required names that are empty. */
export function noteMissingNames(input: StepInput, { byTitle, byPolicy }: NamesNeeded): void {
  const runbookRun = isRunbookRun(input.variables);
  const needed: readonly VariableName[] = [
    'Octopus.Project.Name',
    'Octopus.Environment.Name',
    ...(runbookRun && (byTitle || byPolicy) ? (['Octopus.Runbook.Name'] as const) : []),
    ...(!runbookRun && byTitle ? (['Octopus.Release.Number'] as const) : []),
  ];
  noteEmpty(input, needed);
}

/** Notes those of these variables that are empty, unless something else is wrong with them. */
export function noteEmpty(input: StepInput, names: readonly VariableName[]): void {
  for (const name of names) {
    if (input.variables.get(name) === '' && !input.isWrong(name))
      input.note(name, text`is empty; Octopus sets it for every run.`);
  }
}

/** R2: notes missing parts of the park line, without which nobody could parse it. */
export function noteUnparkable(input: StepInput): void {
  const needed = [
    'Octopus.Web.ServerUri',
    'Octopus.Space.Id',
    isRunbookRun(input.variables) ? 'Octopus.RunbookRun.Id' : 'Octopus.Deployment.Id',
  ] as const;
  for (const name of needed) {
    const value = input.variables.get(name);
    if (isParkWord(value)) continue;
    const how =
      name === 'Octopus.Web.ServerUri'
        ? text`Set the server's URI in Octopus, under Configuration > Nodes.`
        : text`Octopus sets it for every run.`;
    const what = value === '' ? text`is empty` : text`is "${value}", which contains a space or an expression`;
    input.note(name, text`${what}, so Resume could not find out what the parked run waits for. ${how}`);
  }
}

/** L5, L6: returns the default title of this run, even if some of its names are empty. */
export function defaultTitle(variables: Variables): string {
  const project = variables.get('Octopus.Project.Name');
  const environment = variables.get('Octopus.Environment.Name');
  return isRunbookRun(variables)
    ? runbookTitle({ runbook: variables.get('Octopus.Runbook.Name'), project, environment })
    : deploymentTitle({ project, release: variables.get('Octopus.Release.Number'), environment });
}

/** L12: notes a title that Jira would not accept. */
export function noteTitle(title: string, input: StepInput): void {
  const variable = 'Octopus.JiraServiceManagement.Field[summary]';
  if (title === '') {
    input.note(variable, text`must set another title: this one has no visible characters.`);
  } else if (title.length > longestTitle) {
    input.note(
      variable,
      text`must set another title: the change request's title has ${title.length} characters, and Jira allows ${longestTitle}.`,
    );
  }
}
