import { test } from 'vitest';
import type { RecordedRequest } from '../sandbox/exchange.ts';
import type { NewRequest } from '../sandbox/model.ts';
import { deploymentTitle, deploymentVariables } from '../sandbox/octopus-variables.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/server.ts';
import type { Site } from '../sandbox/site.ts';
import { brokenRules, type WatchedRun } from './always.ts';
import { fastSiteClock } from './fast-site-clock.ts';
import { type ActionOptions, type Ended, type StartedAction, startAction } from './run-action.ts';

export const number = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
export const field = (name: string): string => `Octopus.JiraServiceManagement.Field[${name}]`;

interface JsmOptions extends SandboxOptions {
  /** How many times faster than real time the clocks of the site and its runs are. */
  speed?: number;
}

export interface Run extends WatchedRun {
  readonly decision: string | undefined;
  readonly reason: string | undefined;
  /** All lines of the task log. */
  readonly text: string;
}

/** A run that was started but not awaited. */
interface Running extends Pick<StartedAction, 'process' | 'pid' | 'printed'> {
  readonly ended: Promise<Run>;
}

/** A JSM site, and runs of the action against it. */
export interface Jsm {
  readonly site: Site;
  readonly sandbox: Sandbox;
  /** Creates a change request on the site, with the deployment's title by default; returns its key. */
  raise(given?: Partial<NewRequest>): string;
  /** Calls `act` as soon as the given number of checks was answered. */
  afterChecks(count: number, act: () => void): void;
  /** Runs the action to its end, and checks the rules for every run, which no other place checks. */
  run(variables?: Record<string, string>, options?: ActionOptions): Promise<Run>;
  /** Starts the action with the variables of a deployment and the given ones. */
  start(variables?: Record<string, string>, options?: ActionOptions): Running;
}

async function openJsm({ speed = 1, ...options }: JsmOptions): Promise<Jsm> {
  const sandbox = await startSandbox({ ...(speed !== 1 && { clock: fastSiteClock(speed) }), ...options });
  const { site } = sandbox;
  const startRun: Jsm['start'] = (overrides = {}, actionOptions = {}) => {
    const variables = deploymentVariables(sandbox, { ...patient, ...overrides });
    const before = sandbox.requests.length;
    const action = startAction(variables, { speed, ...actionOptions });
    const watched = (ended: Ended): Run => {
      const run: WatchedRun = {
        ...ended,
        variables,
        siteUrl: (variables['JsmChange.BaseUrl'] || sandbox.url).replace(/\/+$/, ''),
        flavour: site.flavour,
        requests: sandbox.requests.slice(before),
        faulty: options.faults !== undefined || options.frontDoor !== undefined,
      };
      const broken = brokenRules(run);
      if (broken.length > 0)
        throw new Error(`${broken.map(start).join('\n')}\n\n${start(run.stdout)}\n${start(run.stderr)}`);
      return {
        ...run,
        decision: run.outputs['Decision'],
        reason: run.outputs['DecisionReason'],
        text: run.lines.map((line) => line.text).join('\n'),
      };
    };
    return { ...action, ended: action.ended.then(watched) };
  };
  const acts = new Map<number, () => void>();
  let checks = 0;
  const answer = site.answer.bind(site);
  site.answer = (request) => {
    const answered = answer(request);
    if (isRead(request)) {
      checks += 1;
      acts.get(checks)?.();
    }
    return answered;
  };
  return {
    site,
    sandbox,
    afterChecks: (count, act) => acts.set(count, act),
    raise: (given = {}) => site.createRequest({ summary: deploymentTitle, ...given }).key,
    start: startRun,
    run: (variables, actionOptions) => startRun(variables, actionOptions).ended,
  };
}

/** On a slow machine a fast clock reaches the limit early. */
const patient = { 'JsmChange.WaitLimitMinutes': '120' };

/** A crash prints the line in which it happened, which is the whole bundle. */
function start(text: string): string {
  return text.slice(0, 4000);
}

/** Whether the request is a check, as opposed to a lookup read. */
export function isRead({ method, path }: Pick<RecordedRequest, 'method' | 'path'>): boolean {
  return method === 'GET' && path.includes('/rest/api/2/issue/') && path.includes('failFast');
}

/** A test with `jsm`, which starts a site and closes it after the test; scenarios run concurrently. */
export const scenario = test.extend<{ jsm: (options?: JsmOptions) => Promise<Jsm> }>({
  jsm: async ({ task: _task }, use) => {
    const open: Jsm[] = [];
    await use(async (options = {}) => {
      const jsm = await openJsm(options);
      open.push(jsm);
      return jsm;
    });
    for (const { sandbox } of open) await sandbox.close();
  },
}).concurrent;
