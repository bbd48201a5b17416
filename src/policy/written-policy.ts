import { trimBaseUrl } from '../domain/base-url.ts';
import { defaultRequestType } from '../domain/change/change-request.ts';
import { type StateSets, stateSets } from '../domain/change/change-state.ts';
import { foldOctopusName } from '../domain/names.ts';
import type { Connection, ControlledProject, EnvironmentEntry, Policy, ProjectEntry } from './policy.ts';

const commentModes = { false: 'none', true: 'public', internal: 'internal' } as const;

const approvalChecks = { status: 'status', approved: 'approved', otherApprover: 'other-approver' } as const;

/** A policy as it is written, once it is known to conform to the JSON Schema and the rules. */
interface WrittenPolicy
  extends Partial<
    Omit<
      Policy,
      'connections' | 'projects' | 'environments' | 'states' | 'customerComments' | 'approvalCheck'
    >
  > {
  readonly customerComments?: boolean | 'internal';
  readonly approvalCheck?: keyof typeof approvalChecks;
  readonly connections?: readonly (Pick<Connection, 'name' | 'baseUrl'> & Partial<Connection>)[];
  readonly projects?: readonly WrittenProject[];
  readonly environments?: readonly (Pick<EnvironmentEntry, 'name'> & Partial<EnvironmentEntry>)[];
  readonly states?: Partial<StateSets>;
}

interface WrittenProject extends Partial<Pick<ControlledProject, 'serviceProject' | 'preApproved'>> {
  readonly name: string;
  readonly changeControlled?: boolean;
  readonly connection?: string;
  readonly requestType?: string | number;
  readonly runbooks?: readonly string[] | string;
}

/**
 * Returns a written policy with its defaults, its texts trimmed, and each project's connection in its entry.
 * @param value conforms to the JSON Schema and the rules
 */
export function policyOf(value: unknown): Policy {
  const written: WrittenPolicy = JSON.parse(JSON.stringify(value), (_key, inner) =>
    typeof inner === 'string' ? inner.trim() : inner,
  );
  const connections = (written.connections ?? []).map((entry) => {
    const defaults = { username: '', tokenVariable: defaultTokenVariable(entry.name) };
    return { ...defaults, ...entry, baseUrl: trimBaseUrl(entry.baseUrl) };
  });
  const { proceed, wait } = stateSets(written.states ?? {});
  return {
    enabled: written.enabled ?? true,
    customerComments: commentModes[`${written.customerComments ?? false}`],
    unlisted: written.unlisted ?? 'warn',
    connections,
    projects: (written.projects ?? []).map((project) => projectOf(project, connections)),
    environments: (written.environments ?? []).map((entry) => ({ changeControlled: true, ...entry })),
    states: { proceed, wait },
    plannedStart: written.plannedStart,
    plannedEnd: written.plannedEnd,
    requirePlannedEnd: written.requirePlannedEnd ?? false,
    issueTypes: written.issueTypes ?? [],
    allowedProjects: written.allowedProjects ?? [],
    suppliedMustMention: written.suppliedMustMention ?? [],
    approvalCheck: approvalChecks[written.approvalCheck ?? 'status'],
  };
}

/** Y6: returns the variable that contains the secret of a connection without `tokenVariable`. */
export function defaultTokenVariable(connection: string): string {
  return `JsmChange.Token[${connection}]`;
}

function projectOf(written: WrittenProject, connections: readonly Connection[]): ProjectEntry {
  const { name, serviceProject } = written;
  const sought = foldOctopusName(written.connection ?? '');
  const connection = connections.find((each) => foldOctopusName(each.name) === sought);
  if (written.changeControlled === false)
    return { name, changeControlled: false, connection, serviceProject };
  if (!connection) throw new Error('A policy with an unknown connection passed its rules.');
  return {
    name,
    changeControlled: true,
    connection,
    serviceProject: serviceProject ?? '',
    requestType: String(written.requestType ?? defaultRequestType),
    runbooks: [written.runbooks ?? []].flat(),
    preApproved: written.preApproved ?? false,
  };
}
