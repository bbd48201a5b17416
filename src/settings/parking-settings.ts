import type { TaskLog } from '../app/ports.ts';
import { isLoopback } from '../domain/base-url.ts';
import type { ApprovalCheck } from '../domain/change/approval-check.ts';
import type { ChangeRules } from '../domain/decision/decision.ts';
import type { Outcome } from '../domain/decision/outcome.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { Secrets } from '../octopus/secrets.ts';
import type { Variables } from '../octopus/variables.ts';
import type { Connection, ControlledProject, Policy } from '../policy/policy.ts';
import { policyIn } from './change-control.ts';
import { inputRefused, notRequired, policyRefused } from './early-outcomes.ts';
import { InputProblems, shownName } from './input-problems.ts';
import { ParameterValues } from './parameter-values.ts';
import { policyToken } from './policy-site.ts';
import { noteTracing } from './read-settings.ts';
import type { SiteSettings } from './settings.ts';
import { readSiteParameters } from './site-parameters.ts';
import { tokenFault } from './token-fault.ts';

/** One JSM site of which parked runs may be resumed. */
export interface ParkingSite
  extends Pick<SiteSettings, 'baseUrl' | 'username' | 'token' | 'plannedStartField' | 'plannedEndField'> {
  /** In capitals. */
  readonly serviceProjects: readonly string[];
  readonly rules: ChangeRules;
  readonly approvalCheck: ApprovalCheck;
  /** R6: what is wrong with this connection alone; the others are served all the same. */
  readonly problem: Text | undefined;
}

/** How the step reaches the Octopus server, and what that server calls itself. */
export interface OctopusSettings {
  readonly url: URL;
  readonly apiKey: string;
  /** As park lines name it. */
  readonly serverUri: string;
  readonly spaceId: string;
}

export interface ParkingSettings {
  readonly sites: readonly ParkingSite[];
  readonly octopus: OctopusSettings;
  /** 0: no limit. */
  readonly parkLimitMs: number;
  readonly isByPolicy: boolean;
}

interface ParkingSource {
  readonly variables: Variables;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Learns the tokens before anything is said about them. */
  readonly secrets: Secrets;
  readonly log: TaskLog;
}

type ParkingReading =
  | { readonly kind: 'settings'; readonly settings: ParkingSettings }
  /** The policy is off, or the input is not usable. */
  | { readonly kind: 'ended'; readonly outcome: Outcome };

const dayMs = 86_400_000;
/** Replaces an address that is not usable, until that has been reported. */
const noAddress = 'https://invalid.invalid';

/** R3 to R7: everything that `Resume` goes by; what is wrong is reported together, before any request (I3). */
export async function readParkingSettings({
  variables,
  env,
  secrets,
  log,
}: ParkingSource): Promise<ParkingReading> {
  const problems = new InputProblems();
  const values = new ParameterValues(variables, problems);
  const octopus = readOctopus(variables, problems);
  const parkLimitMs = values.wholeNumber('JsmChange.ParkLimitDays', { from: 0, to: 3650 }) * dayMs;
  noteTracing(env, problems);
  const policyText = variables.raw('JsmChange.Policy');
  const isByPolicy = policyText.trim() !== '';
  let sites: readonly ParkingSite[];
  if (isByPolicy) {
    const loaded = await policyIn(policyText, problems);
    if (loaded.kind === 'policy-unusable') {
      return { kind: 'ended', outcome: policyRefused(loaded.problems, problems.list, log) };
    }
    // S3
    if (!loaded.policy.enabled) return { kind: 'ended', outcome: notRequired('disabled') };
    sites = sitesOf(loaded.policy, variables);
  } else {
    sites = [siteOfParameters(values, problems)];
  }
  for (const { username, token } of sites) secrets.add(username, token);
  if (problems.list.length > 0) return { kind: 'ended', outcome: inputRefused(problems.list, log) };
  return { kind: 'settings', settings: { sites, octopus, parkLimitMs, isByPolicy } };
}

/** R4: mentions are left to the gate; approvals are read where they may matter, and judged then. */
const leftToTheGate = {
  mustMention: [],
  approval: { check: 'status', deployer: undefined },
} as const;

function siteOfParameters(values: ParameterValues, problems: InputProblems): ParkingSite {
  const site = readSiteParameters(values, problems);
  const { states, allowedProjects, issueTypes, requirePlannedEnd } = site;
  const rules = { states, projects: allowedProjects, issueTypes, requirePlannedEnd, ...leftToTheGate };
  return { ...site, serviceProjects: [site.serviceProject], rules, problem: undefined };
}

/** One site for each connection that an entry uses; states, fields and the approval check are those of the policy. */
function sitesOf(policy: Policy, variables: Variables): readonly ParkingSite[] {
  const byConnection = new Map<Connection, string[]>();
  for (const entry of policy.projects.filter(isControlled)) {
    const projects = byConnection.get(entry.connection) ?? [];
    byConnection.set(entry.connection, [...projects, entry.serviceProject.toUpperCase()]);
  }
  const further = policy.allowedProjects.map((key) => key.toUpperCase());
  return [...byConnection].map(([connection, projects]) => {
    const problems = new InputProblems();
    const token = policyToken(connection, variables, problems);
    const shown = problems.list.map(({ variable, message }) => text`${shownName(variable)} ${message}`);
    return {
      baseUrl: new URL(connection.baseUrl),
      username: connection.username,
      token,
      plannedStartField: policy.plannedStart,
      plannedEndField: policy.plannedEnd,
      serviceProjects: projects,
      rules: {
        states: policy.states,
        projects: [...new Set([...projects, ...further])],
        issueTypes: policy.issueTypes.length === 0 ? undefined : policy.issueTypes,
        requirePlannedEnd: policy.requirePlannedEnd,
        ...leftToTheGate,
      },
      approvalCheck: policy.approvalCheck,
      problem: shown.length === 0 ? undefined : join(shown, ' '),
    };
  });
}

function isControlled(entry: Policy['projects'][number]): entry is ControlledProject {
  return entry.changeControlled;
}

/** R7: the Octopus server, by the parameters and by what it says of itself. */
export function readOctopus(variables: Variables, problems: InputProblems): OctopusSettings {
  const values = new ParameterValues(variables, problems);
  const apiKey = values.required(
    'JsmChange.OctopusApiKey',
    text`set it to the API key of the Octopus service account that answers Manual Interventions`,
  );
  const fault = apiKey === '' ? undefined : tokenFault('', apiKey);
  if (fault !== undefined) problems.add('JsmChange.OctopusApiKey', fault);
  const serverUri = values.given('Octopus.Web.ServerUri');
  if (serverUri === '') {
    problems.add(
      'Octopus.Web.ServerUri',
      text`is empty, so no parked deployment can be recognized: set the server's address in Octopus under Configuration > Nodes.`,
    );
  }
  const spaceId = values.given('Octopus.Space.Id');
  if (spaceId === '') problems.add('Octopus.Space.Id', text`is empty; Octopus sets it for every run.`);
  return { url: octopusUrl(values, serverUri, problems), apiKey, serverUri, spaceId };
}

function octopusUrl(values: ParameterValues, serverUri: string, problems: InputProblems): URL {
  const given = values.given('JsmChange.OctopusUrl');
  const value = given === '' ? serverUri : given;
  if (value === '') return new URL(noAddress);
  const fault = octopusUrlFault(value);
  if (fault === undefined) return new URL(value);
  problems.add(
    'JsmChange.OctopusUrl',
    given === ''
      ? text`is empty, and Octopus.Web.ServerUri is not usable. ${fault}`
      : text`is not usable. ${fault}`,
  );
  return new URL(noAddress);
}

/** X2 */
function octopusUrlFault(value: string): string | undefined {
  const url = !/\s/u.test(value) && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return 'Expected the root URL of the Octopus server, beginning with https.';
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'Expected a URL that begins with https; plain http is accepted for loopback hosts only.';
  }
  if (url.username !== '' || url.password !== '') {
    return 'Expected a URL without a user name and password in it.';
  }
  return /[?#]/.test(value) || /\/(?:app|api)(?:\/|$)/i.test(url.pathname)
    ? 'Expected the root URL of the server, without the part that leads to a page of it (such as /app#/Spaces-1).'
    : undefined;
}
