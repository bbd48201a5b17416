import { loginInUrlFault, unencryptedFault, webUrl } from '../domain/base-url.ts';
import type { ApprovalCheck } from '../domain/change/approval-check.ts';
import type { ChangeRules } from '../domain/decision/decision.ts';
import { type Ended, ended } from '../domain/decision/outcome.ts';
import { join, type Text, text } from '../domain/text.ts';
import type { Variables } from '../octopus/variables.ts';
import type { Policy } from '../policy/policy.ts';
import { readPolicy } from './change-control.ts';
import { inputRefused, notRequired, policyRefused } from './early-outcomes.ts';
import { shownProblem } from './input-problem.ts';
import { policyLogin, policyRules } from './policy-site.ts';
import { noteTracing, type SettingsSource } from './read-settings.ts';
import type { SiteSettings } from './settings.ts';
import { noAddress, readSiteParameters } from './site-parameters.ts';
import { StepInput } from './step-input.ts';

/** One JSM site whose change requests parked runs may wait for. */
export interface ParkingSite
  extends Pick<SiteSettings, 'baseUrl' | 'username' | 'token' | 'plannedStartField' | 'plannedEndField'> {
  /** In upper case. */
  readonly serviceProjects: readonly string[];
  readonly rules: ChangeRules;
  readonly approvalCheck: ApprovalCheck;
  /** Whether gates use this connection. What is wrong with another one matters only if a parked run needs it. */
  readonly isInUse: boolean;
  /** R6: what is wrong with this connection; the runs of the other connections are still resumed. */
  readonly problem: Text | undefined;
}

/** How the step reaches the Octopus server, and how park lines name that server. */
export interface OctopusSettings {
  readonly url: URL;
  readonly apiKey: string;
  /** The server's address, as park lines contain it. */
  readonly serverUri: string;
  readonly spaceId: string;
}

interface ParkingSettings {
  readonly sites: readonly ParkingSite[];
  readonly octopus: OctopusSettings;
  /** 0: no limit. */
  readonly parkLimitMs: number;
  readonly isByPolicy: boolean;
}

type ParkingReading =
  | { readonly kind: 'settings'; readonly settings: ParkingSettings }
  /** The policy is switched off, or the input is invalid. */
  | Ended;

const dayMs = 86_400_000;

/** R3 to R7: reads all settings of `Resume`. All problems are reported together, before any request (I3). */
export async function readParkingSettings({
  variables,
  env,
  secrets,
  log,
}: Omit<SettingsSource, 'record'>): Promise<ParkingReading> {
  const input = new StepInput(variables);
  const octopus = readOctopus(input);
  const parkLimitMs = input.wholeNumber('JsmChange.ParkLimitDays', { from: 0, to: 3650 }) * dayMs;
  noteTracing(env, input);
  const policy = await readPolicy(input);
  if (policy.kind === 'policy-unusable') return ended(policyRefused(policy.problems, input.problems, log));
  const isByPolicy = policy.kind === 'policy';
  // S3
  if (isByPolicy && !policy.policy.enabled) return ended(notRequired('disabled'));
  const sites = isByPolicy ? sitesOf(policy.policy, variables) : [siteOfParameters(input)];
  for (const { username, token } of sites) secrets.add(username, token);
  if (input.problems.length > 0) return ended(inputRefused(input.problems, log));
  return { kind: 'settings', settings: { sites, octopus, parkLimitMs, isByPolicy } };
}

function siteOfParameters(input: StepInput): ParkingSite {
  const site = readSiteParameters(input);
  const serviceProjects = [site.serviceProject];
  return { ...site, serviceProjects, rules: parkingRules(site), isInUse: true, problem: undefined };
}

/**
 * R3: returns one site per connection, with the policy's statuses, fields and approval check. Entries that are
 * not change controlled count: runs that were parked for them before would otherwise stay parked.
 */
function sitesOf(policy: Policy, variables: Variables): readonly ParkingSite[] {
  return policy.connections.map((connection) => {
    const entries = policy.projects.filter((entry) => entry.connection === connection);
    const serviceProjects = entries.flatMap(({ serviceProject }) => serviceProject?.toUpperCase() ?? []);
    const isInUse = entries.some(({ changeControlled }) => changeControlled);
    const own = new StepInput(variables);
    const site = { ...policyLogin(connection, own), ...policyRules(policy, serviceProjects) };
    const problem = own.problems.length === 0 ? undefined : join(own.problems.map(shownProblem), ' ');
    return { ...site, serviceProjects, rules: parkingRules(site), isInUse, problem };
  });
}

/** R4: mentions are left to the gate. Approvals are read only where they may matter, and evaluated then. */
function parkingRules(
  site: Pick<SiteSettings, 'states' | 'allowedProjects' | 'issueTypes' | 'requirePlannedEnd'>,
): ChangeRules {
  const { states, allowedProjects, issueTypes, requirePlannedEnd } = site;
  const approval = { check: 'status', deployer: undefined } as const;
  return { states, projects: allowedProjects, issueTypes, requirePlannedEnd, mustMention: [], approval };
}

/** R7: reads how to reach the Octopus server, from the parameters and the variables that Octopus sets. */
export function readOctopus(input: StepInput): OctopusSettings {
  const apiKey = input.required(
    'JsmChange.OctopusApiKey',
    text`set it to the API key of the Octopus service account that answers Manual Interventions`,
  );
  input.checkToken('JsmChange.OctopusApiKey', '', apiKey);
  const serverUri = input.given('Octopus.Web.ServerUri');
  if (serverUri === '') {
    input.note(
      'Octopus.Web.ServerUri',
      text`is empty, so no parked deployment can be recognized: set the server's address in Octopus under Configuration > Nodes.`,
    );
  }
  const spaceId = input.given('Octopus.Space.Id');
  if (spaceId === '') input.note('Octopus.Space.Id', text`is empty; Octopus sets it for every run.`);
  return { url: octopusUrl(input, serverUri), apiKey, serverUri, spaceId };
}

function octopusUrl(input: StepInput, serverUri: string): URL {
  const given = input.given('JsmChange.OctopusUrl');
  const value = given === '' ? serverUri : given;
  if (value === '') return noAddress;
  const fault = octopusUrlFault(value);
  if (fault === undefined) return new URL(value);
  input.note(
    'JsmChange.OctopusUrl',
    given === ''
      ? text`is empty, and Octopus.Web.ServerUri is invalid. ${fault}`
      : text`is invalid. ${fault}`,
  );
  return noAddress;
}

/** X2 */
function octopusUrlFault(value: string): string | undefined {
  const url = webUrl(value);
  if (url === undefined) return 'Expected the root URL of the Octopus server, beginning with https.';
  const fault = unencryptedFault(url) ?? loginInUrlFault(url);
  if (fault !== undefined) return fault;
  return /[?#]/.test(value) || /\/(?:app|api)(?:\/|$)/i.test(url.pathname)
    ? 'Expected the root URL of the server, without the part that leads to a page of it (such as /app#/Spaces-1).'
    : undefined;
}
