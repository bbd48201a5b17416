import { trimBaseUrl } from '../domain/base-url.ts';
import { foldName, stateSets } from '../domain/change-state.ts';
import type { Connection, Policy, ProjectEntry } from './policy.ts';

/** A policy as it is written, after it was found to fit the JSON Schema and the rules. */
export interface WrittenPolicy {
  readonly enabled?: boolean;
  readonly customerComments?: boolean;
  readonly unlisted?: 'warn' | 'stop';
  readonly connections?: readonly WrittenConnection[];
  readonly projects?: readonly WrittenProject[];
  readonly environments?: readonly { readonly name: string; readonly changeControlled?: boolean }[];
  readonly states?: { readonly proceed?: readonly string[]; readonly wait?: readonly string[] };
  readonly plannedStart?: string;
  readonly plannedEnd?: string;
  readonly requirePlannedEnd?: boolean;
  readonly issueTypes?: readonly string[];
  readonly allowedProjects?: readonly string[];
}

interface WrittenConnection {
  readonly name: string;
  readonly baseUrl: string;
  readonly username?: string;
  readonly tokenVariable: string;
}

interface WrittenProject {
  readonly name: string;
  readonly changeControlled?: boolean;
  readonly connection?: string;
  readonly serviceProject?: string;
  readonly requestType?: string | number;
  readonly runbooks?: readonly string[] | string;
  readonly preApproved?: boolean;
}

/** The policy that is written, with its defaults and with what refers to each other joined. */
export function policyOf(written: WrittenPolicy): Policy {
  const connections = (written.connections ?? []).map(connectionOf);
  const { proceed, wait } = stateSets({
    proceed: written.states?.proceed?.map(trim),
    wait: written.states?.wait?.map(trim),
  });
  return {
    enabled: written.enabled ?? true,
    customerComments: written.customerComments ?? false,
    unlisted: written.unlisted ?? 'warn',
    projects: (written.projects ?? []).map((project) => projectOf(project, connections)),
    environments: (written.environments ?? []).map(({ name, changeControlled = true }) => ({
      name: name.trim(),
      changeControlled,
    })),
    states: { proceed, wait },
    plannedStart: written.plannedStart?.trim(),
    plannedEnd: written.plannedEnd?.trim(),
    requirePlannedEnd: written.requirePlannedEnd ?? false,
    issueTypes: (written.issueTypes ?? []).map(trim),
    allowedProjects: (written.allowedProjects ?? []).map(trim),
  };
}

function connectionOf(written: WrittenConnection): Connection {
  return {
    name: written.name.trim(),
    baseUrl: trimBaseUrl(written.baseUrl),
    username: (written.username ?? '').trim(),
    tokenVariable: written.tokenVariable.trim(),
  };
}

function projectOf(written: WrittenProject, connections: readonly Connection[]): ProjectEntry {
  const name = written.name.trim();
  if (written.changeControlled === false) return { name, changeControlled: false };
  const sought = foldName(written.connection ?? '');
  const connection = connections.find((each) => foldName(each.name) === sought);
  if (!connection) throw new Error('A policy passed its rules with a connection that it does not have.');
  return {
    name,
    changeControlled: true,
    connection,
    serviceProject: (written.serviceProject ?? '').trim(),
    requestType: String(written.requestType ?? 'Request a change').trim(),
    runbooks: [written.runbooks ?? []].flat().map(trim),
    preApproved: written.preApproved ?? false,
  };
}

function trim(text: string): string {
  return text.trim();
}
