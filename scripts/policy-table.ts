import type { Policy, ProjectEntry } from '../src/policy/policy.ts';
import { type PolicyResolution, resolvePolicy } from '../src/policy/resolve.ts';
import { terminalLine } from './terminal.ts';

/**
 * Shows people what a policy does: its settings, and the result for each kind of run that it distinguishes.
 */
export function policyTable(policy: Policy): string {
  return [...settings(policy), '', ...columns([heading, ...rows(policy)])].join('\n');
}

const heading: Row = ['Project', 'Environment', 'Run', 'Change request'];

type Row = readonly [project: string, environment: string, run: string, outcome: string];

/** A name that no entry has, because names are never empty. */
const anyOther = '';

function rows(policy: Policy): readonly Row[] {
  if (!policy.enabled) return [['(all)', '(all)', '(all)', outcome(resolveAny(policy))]];
  return withOther(policy.projects).flatMap((project) => {
    const entry = policy.projects.find(({ name }) => name === project.name || (name === '*' && project.any));
    if (!entry?.changeControlled) {
      const resolution = resolvePolicy(policy, { project: project.query, environment: anyOther });
      return [[project.label, '(all)', '(all)', outcome(resolution)] satisfies Row];
    }
    return withOther(policy.environments).flatMap((environment) =>
      runsOf(entry).map(({ label, runbook }): Row => {
        const run = { project: project.query, environment: environment.query, runbook };
        return [project.label, environment.label, label, outcome(resolvePolicy(policy, run))];
      }),
    );
  });
}

function resolveAny(policy: Policy): PolicyResolution {
  return resolvePolicy(policy, { project: anyOther, environment: anyOther });
}

/** The names of a section in order, followed by an entry for every name that is not listed. */
function withOther(entries: readonly { readonly name: string }[]) {
  const hasAny = entries.some(({ name }) => name === '*');
  return [
    ...entries
      .filter(({ name }) => name !== '*')
      .map(({ name }) => ({ name, label: name, query: name, any: false })),
    { name: '*', label: hasAny ? '* (any other)' : '(not listed)', query: anyOther, any: true },
  ];
}

function runsOf(project: Extract<ProjectEntry, { changeControlled: true }>) {
  const named = project.runbooks.filter((name) => name !== '*');
  const all = project.runbooks.includes('*');
  return [
    { label: 'deployment', runbook: undefined },
    ...(all ? [] : named.map((name) => ({ label: `runbook ${name}`, runbook: name }))),
    { label: all || named.length === 0 ? 'any runbook' : 'any other runbook', runbook: anyOther },
  ];
}

type Reason = Extract<PolicyResolution, { reason: string }>['reason'];

const reasons: Readonly<Record<Reason, string>> = {
  disabled: 'the policy is not enabled',
  'project-unlisted': 'no entry names the project',
  'environment-unlisted': 'no entry names the environment',
  'project-not-controlled': 'the project is not change controlled',
  'environment-not-controlled': 'the environment is not change controlled',
  'runbook-not-controlled': 'the runbook is not change controlled',
};

function outcome(resolution: PolicyResolution): string {
  switch (resolution.kind) {
    case 'required': {
      const { connection, serviceProject, requestType, preApproved } = resolution;
      const preApproval = preApproved ? ', may be pre-approved' : '';
      return `needed: ${serviceProject}, "${requestType}", by ${connection.name}${preApproval}`;
    }
    case 'not-required':
      return `not needed: ${reasons[resolution.reason]}`;
    case 'warn':
      return `not needed (with a warning): ${reasons[resolution.reason]}`;
    case 'stop':
      return `run stops: ${reasons[resolution.reason]}`;
  }
}

/** The words of the policy's text. */
const approvalChecks: Readonly<Record<Policy['approvalCheck'], string>> = {
  status: 'status',
  approved: 'approved',
  'other-approver': 'otherApprover',
};

function settings(policy: Policy): readonly string[] {
  const connections = new Map(
    policy.projects.flatMap((project) =>
      project.changeControlled ? [[project.connection.name, project.connection] as const] : [],
    ),
  );
  return columns([
    ...[...connections.values()].map(({ name, baseUrl, username, tokenVariable }) => [
      `Connection ${name}`,
      `${baseUrl} ${username === '' ? 'with a personal access token' : `as ${username}`}, secret in ${tokenVariable}`,
    ]),
    ['Proceed in', policy.states.proceed.join(', ')],
    ['Wait in', policy.states.wait.join(', ') || 'no status'],
    ['Planned start', policy.plannedStart ?? 'found by its default names'],
    [
      'Planned end',
      `${policy.plannedEnd ?? 'found by its default names'}${policy.requirePlannedEnd ? ', required' : ''}`,
    ],
    ['Issue types', policy.issueTypes.join(', ') || 'any'],
    ['Supplied from', ['the service project', ...policy.allowedProjects].join(', ')],
    ['Supplied must mention', policy.suppliedMustMention.join(', ') || 'nothing'],
    ['Approval check', approvalChecks[policy.approvalCheck]],
    ['Comments', policy.customerComments],
  ]);
}

function columns(cells: readonly (readonly string[])[]): readonly string[] {
  const table = cells.map((row) => row.map(terminalLine));
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
