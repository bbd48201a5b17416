import type { SiteAnswer, SiteRequest } from '../sandbox/exchange.ts';
import type { Interruption } from '../sandbox/octopus/interruption.ts';
import type { ParkedWorld } from './parked-world.ts';
import type { SimulatedSite } from './simulated-site.ts';

/** What a site had stored of a change request when it answered a read of it. */
interface Shown {
  readonly key: string;
  readonly status: string;
  readonly summary: string;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** By the site's clock. */
  readonly atMs: number;
}

/** One parked run that the judge knows. */
export interface JudgedRun {
  readonly interruption: Interruption;
  /** Undefined for a run that a pass must not answer. */
  readonly key: string | undefined;
}

const minuteMs = 60_000;
const wait = ['Review', 'Planning', 'Authorize'];

/** Records what a site shows, and judges the answers of passes by that. */
export class PassJudge {
  readonly #shown: Shown[] = [];
  readonly #world: ParkedWorld;
  readonly #parkLimitMs: number;
  readonly #slackMs: number;

  /** @param slowestMs the longest time that a request is under way */
  constructor(world: ParkedWorld, parkLimitMs: number, slowestMs: number) {
    this.#world = world;
    this.#parkLimitMs = parkLimitMs;
    this.#slackMs = slowestMs + 1000;
    this.#watch(world.site);
  }

  #watch(site: SimulatedSite): void {
    const answer = site.answer.bind(site);
    site.answer = (request: SiteRequest): SiteAnswer => {
      const answered = answer(request);
      if (answered.status === 200) {
        for (const key of keysRead(request)) this.#remember(site, key);
      }
      return answered;
    };
  }

  #remember(site: SimulatedSite, key: string): void {
    const issue = site.find(key);
    if (issue === undefined) return;
    const time = (name: string): number | undefined => {
      const value = issue.values.get(site.field(name).id);
      return typeof value === 'string' ? Date.parse(value) : undefined;
    };
    this.#shown.push({
      key: issue.key,
      status: issue.status.name,
      summary: String(issue.values.get('summary') ?? ''),
      startMs: time('Planned start'),
      endMs: time('Planned end'),
      atMs: site.siteClock.now(),
    });
  }

  /** Returns what is wrong with the answers that the service account gave; empty if nothing is. */
  breaches(runs: readonly JudgedRun[]): readonly string[] {
    return runs.flatMap((run) => [...this.#wrongAnswer(run), ...this.#severalAnswers(run)]);
  }

  #wrongAnswer({ interruption, key }: JudgedRun): readonly string[] {
    const { answer, id } = interruption;
    const { robot } = this.#world;
    if (key === undefined) {
      const isTouched = answer?.by === robot || interruption.responsible === robot;
      return isTouched ? [`${id} is nothing of the pass, and was touched`] : [];
    }
    if (answer === undefined || answer.by !== robot) return [];
    const recent = this.#shown.filter(
      (shown) =>
        this.#isOf(shown, key) &&
        answer.atMs - shown.atMs <= minuteMs + this.#slackMs &&
        shown.atMs <= answer.atMs,
    );
    const isCovered = recent.some((shown) =>
      answer.given === 'Proceed'
        ? allows(shown)
        : refuses(shown) || this.#isParkedTooLong(interruption, shown),
    );
    return isCovered ? [] : [`${id} got ${answer.given}, and no check of the last minute at ${key} says so`];
  }

  /** Returns true for the change request itself, and for one in whose favour it was withdrawn. */
  #isOf(shown: Shown, key: string): boolean {
    return (
      shown.key === key ||
      this.#shown.some(
        (one) => one.key === key && one.summary.startsWith(`Withdrawn in favour of ${shown.key}:`),
      )
    );
  }

  #isParkedTooLong({ createdMs }: Interruption, { atMs, status }: Shown): boolean {
    const isPending = wait.includes(status) || status === 'Implementing';
    return isPending && this.#parkLimitMs > 0 && atMs - createdMs > this.#parkLimitMs - minuteMs;
  }

  #severalAnswers({ interruption: { id } }: JudgedRun): readonly string[] {
    const { octopus, robot } = this.#world;
    const taken = octopus.requests.filter(
      ({ method, path, headers, answer }) =>
        method === 'POST' &&
        path.includes(`/${id}/submit`) &&
        headers['x-octopus-apikey'] === robot.apiKey &&
        answer.status === 200 &&
        // Otherwise a fault replaced the answer, and perhaps prevented the work.
        answer.body.includes(`"Id":"${id}"`),
    );
    const results = new Set(taken.map(({ body }) => JSON.parse(body ?? '{}').Result));
    return results.size > 1 ? [`${id} was answered twice, and differently`] : [];
  }
}

function keysRead({ method, path, body }: SiteRequest): readonly string[] {
  if (path.includes('/bulkfetch')) return JSON.parse(body ?? '{}').issueIdsOrKeys ?? [];
  const key = method === 'GET' ? /\/rest\/api\/2\/issue\/([^/?]+)/.exec(path)?.[1] : undefined;
  return key === undefined ? [] : [decodeURIComponent(key)];
}

/** The `Date` header has whole seconds, so the end may be judged up to one second early. */
function allows({ status, startMs, endMs, atMs }: Shown): boolean {
  const hasStarted = startMs === undefined || startMs <= atMs;
  const hasEnded = endMs !== undefined && atMs - 1000 > endMs;
  return status === 'Implementing' && hasStarted && !hasEnded;
}

function refuses({ status, startMs, endMs, atMs }: Shown): boolean {
  const isKnown = status === 'Implementing' || wait.includes(status);
  const isInverted = startMs !== undefined && endMs !== undefined && startMs > endMs;
  return !isKnown || isInverted || (endMs !== undefined && endMs < atMs);
}
