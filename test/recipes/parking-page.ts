import { readFileSync } from 'node:fs';
import { parameters } from '../../src/octopus/parameters.ts';
import type { Condition, Process, Script, ScriptStep, Step } from '../sandbox/octopus/process.ts';
import { action } from '../sandbox/octopus/script.ts';
import { deploymentVariables } from '../sandbox/octopus-variables.ts';
import type { Sandbox } from '../sandbox/server.ts';

const page = readFileSync(new URL('../../docs/parking.md', import.meta.url), 'utf8');

/** The rows of the table with this heading, as a reader would copy them. */
export function tableOf(heading: string): Readonly<Record<string, string>> {
  const start = page.indexOf(`| ${heading} |`);
  if (start < 0) throw new Error(`docs/parking.md has no table "${heading}"`);
  const [table = ''] = page.slice(start).split('\n\n');
  const rows = table.split('\n').slice(2);
  return Object.fromEntries(
    rows.map((row) => {
      const [, name = '', value = ''] = /^\| (.+?) \| (.+) \|$/.exec(row) ?? [];
      if (name === '') throw new Error(`the table "${heading}" has an unreadable row: ${row}`);
      return [bare(name), bare(value)];
    }),
  );
}

function bare(cell: string): string {
  return /^`([^`]*)`$/.exec(cell)?.[1] ?? cell;
}

function conditionOf(value: string): Condition {
  return value === 'Success' || value === 'Failure' || value === 'Always' ? value : { variable: value };
}

/** The environment in which the page's steps run. */
interface PageWorld {
  readonly sandbox: Sandbox;
  /** Runs the bundle; by default as a process with the real clock. */
  readonly script?: Script;
}

/** The parameters that all steps have: the defaults of the form, and the connection. */
function usualParameters(sandbox: Sandbox): Record<string, string> {
  const defaults = parameters.map(({ name, defaultValue }) => [name, defaultValue]);
  const connection = ['BaseUrl', 'Username', 'Token', 'ServiceProject'].map((name) => `JsmChange.${name}`);
  const variables = deploymentVariables(sandbox);
  return {
    ...Object.fromEntries(defaults),
    ...Object.fromEntries(connection.map((name) => [name, variables[name] ?? ''])),
  };
}

/** A step from a template, with the values of its table. */
function templateStep(
  { sandbox, script = action() }: PageWorld,
  name: string,
  fixed: Record<string, string> = {},
): ScriptStep {
  const { 'Run condition': condition = '', ...set } = tableOf(name);
  return {
    kind: 'script',
    name,
    condition: conditionOf(condition),
    script,
    parameters: { ...usualParameters(sandbox), ...set, ...fixed },
  };
}

function manualStep(name: string): Step {
  const table = tableOf(name);
  return {
    kind: 'manual',
    name,
    condition: conditionOf(table['Run condition'] ?? ''),
    instructions: table['Instructions'] ?? '',
    responsibleTeams: [table['Responsible teams'] ?? ''],
    blocksOthers: table['Block deployments'] === 'True',
  };
}

/** The deployment process of the page, with this step between the gate and the report. */
export function parkedProcess(
  world: PageWorld,
  deploying: Script,
  variables: Readonly<Record<string, string>>,
): Process {
  return {
    variables,
    steps: [
      templateStep(world, 'Request change'),
      manualStep('Wait for approval'),
      templateStep(world, 'Change gate'),
      { kind: 'script', name: 'Deploy', script: deploying },
      templateStep(world, 'Report change'),
    ],
  };
}

/** The runbook of the page; its template fixes the operation. */
export function resumeProcess(world: PageWorld, apiKey: string): Process {
  return {
    variables: { 'Change.OctopusApiKey': apiKey },
    steps: [templateStep(world, 'Resume', { 'JsmChange.Operation': 'Resume' })],
  };
}
