import { trimBaseUrl } from '../domain/base-url.ts';
import { defaultRequestType } from '../domain/change/change-request.ts';
import { type StateSets, stateSets } from '../domain/change/change-state.ts';
import type { Connection, ControlledProject, EnvironmentEntry, Policy, ProjectEntry } from './policy.ts';
import { foldPolicyName } from './policy-name.ts';

/** A policy as it is written, once it is known to conform to the JSON Schema and the rules. */
export interface WrittenPolicy
  extends Partial<
    Omit<
      Policy,
      'connections' | 'projects' | 'environments' | 'states' | 'customerComments' | 'approvalCheck'
    >
  > {
  readonly customerComments?: boolean | 'internal';
  readonly approvalCheck?: 'status' | 'approved' | 'otherApprover';
  readonly connections?: readonly WrittenConnection[];
  readonly projects?: readonly WrittenProject[];
  readonly environments?: readonly WrittenEnvironment[];
  readonly states?: Partial<StateSets>;
}

type WrittenConnection = Pick<Connection, 'name' | 'baseUrl'> & Partial<Connection>;

type WrittenEnvironment = Pick<EnvironmentEntry, 'name'> & Partial<EnvironmentEntry>;

interface WrittenProject extends Partial<Pick<ControlledProject, 'serviceProject' | 'preApproved'>> {
  readonly name: string;
  readonly changeControlled?: boolean;
  readonly connection?: string;
  readonly requestType?: string | number;
  readonly runbooks?: readonly string[] | string;
}

const trim = (text: string): string => text.trim();

/** Returns a written policy with its defaults, and with each project's connection in its entry. */
export function policyOf(written: WrittenPolicy): Policy {
  const connections = (written.connections ?? []).map(connectionOf);
  const { proceed, wait } = stateSets({
    proceed: written.states?.proceed?.map(trim),
    wait: written.states?.wait?.map(trim),
  });
  return {
    enabled: written.enabled ?? true,
    customerComments: commentMode(written.customerComments ?? false),
    unlisted: written.unlisted ?? 'warn',
    connections,
    projects: (written.projects ?? []).map((project) => projectOf(project, connections)),
    environments: (written.environments ?? []).map(({ name, changeControlled = true }) => {
      return { name: name.trim(), changeControlled };
    }),
    states: { proceed, wait },
    plannedStart: written.plannedStart?.trim(),
    plannedEnd: written.plannedEnd?.trim(),
    requirePlannedEnd: written.requirePlannedEnd ?? false,
    issueTypes: (written.issueTypes ?? []).map(trim),
    allowedProjects: (written.allowedProjects ?? []).map(trim),
    suppliedMustMention: written.suppliedMustMention ?? [],
    approvalCheck:
      written.approvalCheck === 'otherApprover' ? 'other-approver' : (written.approvalCheck ?? 'status'),
  };
}

function commentMode(written: boolean | 'internal'): Policy['customerComments'] {
  if (written === 'internal') return 'internal';
  return written ? 'public' : 'none';
}

/** Y6: returns the variable that contains the secret of a connection without `tokenVariable`. */
export function defaultTokenVariable(connection: string): string {
  return `JsmChange.Token[${connection}]`;
}

function connectionOf({ name, baseUrl, username = '', tokenVariable }: WrittenConnection): Connection {
  return {
    name: name.trim(),
    baseUrl: trimBaseUrl(baseUrl),
    username: username.trim(),
    tokenVariable: tokenVariable?.trim() ?? defaultTokenVariable(name.trim()),
  };
}

function projectOf(written: WrittenProject, connections: readonly Connection[]): ProjectEntry {
  const name = written.name.trim();
  const sought = foldPolicyName(written.connection ?? '');
  const connection = connections.find((each) => foldPolicyName(each.name) === sought);
  const serviceProject = written.serviceProject?.trim();
  if (written.changeControlled === false)
    return { name, changeControlled: false, connection, serviceProject };
  if (!connection) throw new Error('A policy with an unknown connection passed its rules.');
  return {
    name,
    changeControlled: true,
    connection,
    serviceProject: serviceProject ?? '',
    requestType: String(written.requestType ?? defaultRequestType).trim(),
    runbooks: [written.runbooks ?? []].flat().map(trim),
    preApproved: written.preApproved ?? false,
  };
}
