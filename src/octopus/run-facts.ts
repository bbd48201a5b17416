import { withoutSlashesAtEnd } from '../domain/base-url.ts';
import type { ApprovalRule } from '../domain/change/approval-check.ts';
import { type DeploymentFacts, tenantWithTags } from '../domain/deployment/deployment-facts.ts';
import { type OctopusRun, taskPage, withoutRunLine } from '../domain/deployment/run-line.ts';
import { cutTo, linklessLine, wikiText } from '../domain/text.ts';
import type { Variables } from './variables.ts';

/** Limits for release notes and comments in a description: Octopus accepts any length, Jira does not. */
const mostNoteLines = 15;
const mostNoteCharacters = 2000;

export function isRunbookRun(variables: Variables): boolean {
  return variables.get('Octopus.Runbook.Id') !== '';
}

/** Returns what identifies this run, for the run line (C1). */
export function octopusRun(variables: Variables): OctopusRun {
  return {
    serverUri: variables.get('Octopus.Web.ServerUri'),
    spaceId: variables.get('Octopus.Space.Id'),
    runId: isRunbookRun(variables)
      ? variables.get('Octopus.RunbookRun.Id')
      : variables.get('Octopus.Deployment.Id'),
  };
}

/** Returns the URL of the task's page in the Octopus portal, for a deployment or a runbook run. */
export function taskUrl(variables: Variables): string {
  const { serverUri, spaceId } = octopusRun(variables);
  const server = withoutSlashesAtEnd(serverUri);
  const task = variables.get('Octopus.Task.Id');
  if (server === '') return '';
  if (spaceId !== '' && task !== '') return taskPage({ serverUri, spaceId }, task);
  const link = isRunbookRun(variables)
    ? variables.get('Octopus.Web.RunbookRunLink')
    : variables.get('Octopus.Web.DeploymentLink');
  return link === '' ? '' : `${server}${link.startsWith('/') ? '' : '/'}${link}`;
}

/** Returns who requested the run, as far as Octopus shows it. */
export function requester(variables: Variables): string {
  const name = variables.get('Octopus.Deployment.CreatedBy.DisplayName');
  const username = variables.get('Octopus.Deployment.CreatedBy.Username');
  const email = variables.get('Octopus.Deployment.CreatedBy.EmailAddress');
  const known = name === '' ? username : name;
  return email === '' || email === known ? known : `${known} (${email})`.trim();
}

/** A2: returns who deploys; undefined if a trigger started the run and Octopus names nobody. */
export function deployer(variables: Variables): ApprovalRule['deployer'] {
  const email = variables.get('Octopus.Deployment.CreatedBy.EmailAddress');
  const username = variables.get('Octopus.Deployment.CreatedBy.Username');
  const isTriggered = variables.get('Octopus.Deployment.Trigger.Id') !== '';
  return isTriggered && requester(variables) === '' ? undefined : { email, username };
}

/** The most characters of an error that are reported (V2). */
const mostErrorCharacters = 500;

export function deploymentFacts(variables: Variables): DeploymentFacts {
  const error = variables.get('Octopus.Deployment.Error').split(/[\r\n\u2028\u2029]/u)[0] ?? '';
  return {
    project: variables.get('Octopus.Project.Name'),
    release: variables.get('Octopus.Release.Number'),
    environment: variables.get('Octopus.Environment.Name'),
    runbook: variables.get('Octopus.Runbook.Name'),
    isRunbookRun: isRunbookRun(variables),
    tenant: variables.get('Octopus.Deployment.Tenant.Name'),
    tenantTags: variables.get('Octopus.Deployment.Tenant.Tags'),
    requester: requester(variables),
    taskUrl: taskUrl(variables),
    error: [...error].slice(0, mostErrorCharacters).join(''),
  };
}

/** C1: describes the deployment for the people who approve it, without the run line. */
export function description(variables: Variables): string {
  const run = deploymentFacts(variables);
  const facts: readonly (readonly [string, string])[] = [
    ['Project', run.project],
    ['Runbook', run.isRunbookRun ? run.runbook : ''],
    ['Snapshot', run.isRunbookRun ? variables.get('Octopus.RunbookSnapshot.Name') : ''],
    ['Release', run.release],
    ['Environment', run.environment],
    ['Tenant', tenantWithTags(run)],
    ['Space', variables.get('Octopus.Space.Name')],
    ['Requested by', run.requester],
    ['Comments', cutTo(variables.get('Octopus.Deployment.Comments'), mostNoteCharacters)],
  ];
  const lines = facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${noteLine(value)}`);
  const notes = releaseNotes(variables.raw('Octopus.Release.Notes'));
  return [
    run.isRunbookRun
      ? 'Octopus Deploy asks for approval of a runbook run.'
      : 'Octopus Deploy asks for approval of a deployment.',
    '',
    ...lines,
    ...(run.taskUrl === '' ? [] : [`Link: ${run.taskUrl}`]),
    ...(notes.length === 0 ? [] : ['', 'Release notes:', ...notes]),
  ].join('\n');
}

function noteLine(value: string): string {
  // Jira also turns bare URLs into links; the only link in the description is the one to the task.
  return withoutRunLine(wikiText(linklessLine(value)));
}

function releaseNotes(notes: string): readonly string[] {
  const characters = [...notes.trim()];
  if (characters.length === 0) return [];
  const lines = characters
    .slice(0, mostNoteCharacters)
    .join('')
    .split(/\r\n|[\r\n\u2028\u2029\v\f]/u);
  const shown = lines.slice(0, mostNoteLines).map(noteLine);
  const isCut = lines.length > mostNoteLines || characters.length > mostNoteCharacters;
  return isCut ? [...shown, '...'] : shown;
}
