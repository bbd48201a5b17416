/** What only `Resume`, and `Test` with an Octopus key, need. Other runs do not spend time on loading it. */
import type { TestLine } from './app/connection-test/checklist.ts';
import { octopusChecks } from './app/parking/octopus-checks.ts';
import type { ParkedSite } from './app/parking/parked-run.ts';
import { pass } from './app/parking/pass.ts';
import { maskLogin, siteAccess, userAgent } from './connect.ts';
import { rootOf } from './domain/base-url.ts';
import type { Result } from './ending.ts';
import { Patience } from './http/retry.ts';
import { createBulkReader } from './jira/bulk-read.ts';
import { createOctopusServer } from './octopus-server/interruptions.ts';
import { OctopusSession } from './octopus-server/octopus-session.ts';
import { createOctopusProbe } from './octopus-server/probe.ts';
import { shownProblem } from './settings/input-problem.ts';
import {
  type OctopusSettings,
  type ParkingSite,
  readOctopus,
  readParkingSettings,
} from './settings/parking-settings.ts';
import { policyWords } from './settings/policy-words.ts';
import { StepInput } from './settings/step-input.ts';
import type { RunTools, World } from './world.ts';

/** Performs `Resume`: one pass over the parked runs of this space. */
export async function resume(world: World, tools: RunTools): Promise<Result> {
  const { log, out, redact } = tools;
  const reading = await readParkingSettings({ ...tools, env: world.env });
  if (reading.kind === 'ended') return { kind: 'outcome', outcome: reading.outcome };
  const { sites, octopus, parkLimitMs, isByPolicy } = reading.settings;
  if (isByPolicy) tools.nameBy(policyWords('tokenVariable in the policy'));
  for (const { username, token } of sites) maskLogin(out, username, token);
  const { clock, killSignal } = world;
  const failures = await pass({
    octopus: createOctopusServer(octopusSession(world, octopus), octopus.spaceId),
    sites: sites.map((site) => parkedSite(world, site)),
    here: octopus,
    parkLimitMs,
    clock,
    sleep: (ms) => clock.sleep(ms, killSignal),
    log,
    redact,
  });
  return { kind: 'resumed', failures };
}

/** R7: the Octopus items of a `Test`. */
interface OctopusTest {
  /** What is wrong with the inputs for Octopus. */
  readonly problems: readonly TestLine[];
  /** Asks the server; only if there are no problems. */
  readonly lines: () => Promise<readonly TestLine[]>;
}

/** R7: prepares what a `Test` asks the Octopus server, without a request. */
export function octopusTest(world: World, { variables }: RunTools): OctopusTest {
  const input = new StepInput(variables);
  const settings = readOctopus(input);
  const { spaceId } = settings;
  return {
    problems: input.problems.map((problem) => ({
      name: 'Octopus',
      result: 'fail',
      says: shownProblem(problem),
    })),
    lines: () => octopusChecks(createOctopusProbe(octopusSession(world, settings), spaceId), spaceId),
  };
}

function octopusSession(world: World, { url, apiKey }: OctopusSettings): OctopusSession {
  const { send, clock, random, killSignal } = world;
  const patience = Patience.ofPass();
  return new OctopusSession({
    server: url,
    apiKey,
    send,
    clock,
    random,
    patience,
    userAgent,
    signal: killSignal,
  });
}

function parkedSite(world: World, site: ParkingSite): ParkedSite {
  const patience = Patience.ofPass();
  const { reads, serviceDesk } = siteAccess(world, site, patience, world.killSignal);
  const { serviceProjects, rules, approvalCheck, isInUse, problem, baseUrl } = site;
  const root = rootOf(baseUrl);
  const bulk = createBulkReader(reads);
  return { root, serviceProjects, rules, approvalCheck, isInUse, problem, serviceDesk, bulk };
}
