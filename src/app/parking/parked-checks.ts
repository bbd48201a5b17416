import { type AskedAt, checkAgeMs, checkAgeSeconds, type Moment } from '../../domain/decision/check-age.ts';
import type { RunRecord, TimedCheck } from '../../domain/decision/run-record.ts';
import { Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { checkChangeRequest, checkOf, momentOf } from '../check-change-request.ts';
import type { Reading, ServiceDesk } from '../ports.ts';
import type { ParkedSite } from './parked-run.ts';
import type { PassContext } from './pass-context.ts';

/** R4: the maximum age of a check on which an answer is based. */
const oldestMs = 60_000;
/** The maximum age of a read when its run is judged, so that there is time left to answer. */
const oldestAtStartMs = 40_000;

/** The result of the last bulk read. */
interface Bulk {
  readonly asked: ReadonlySet<string>;
  readonly before: Moment & AskedAt;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly serviceDesk: Pick<ServiceDesk, 'timeZone' | 'serverInfoTime'>;
}

/** Makes the checks of one pass on one site, with as many change requests per request as the site allows. */
export class ParkedChecks {
  readonly #context: PassContext;
  readonly #site: ParkedSite;
  #bulk: Bulk | undefined;
  /** The last check that was made by a single read. */
  #single: { readonly key: string; readonly check: TimedCheck } | undefined;

  constructor(context: PassContext, site: ParkedSite) {
    this.#context = context;
    this.#site = site;
  }

  /**
   * Returns a check of one change request, from a bulk read if possible.
   * @param upcoming the keys that will be needed next, this one first
   */
  async at(key: string, upcoming: () => Iterable<string>): Promise<TimedCheck> {
    const single = this.#single;
    if (single?.key === key && this.#isYoung(single.check)) return single.check;
    const isAsked = this.#bulk?.asked.has(key) === true && this.#isYoung(this.#bulk.before);
    if (!isAsked) this.#bulk = await this.#readMany(upcoming());
    return (await this.#ofBulk(key)) ?? this.again(key);
  }

  /** Makes a check by a single read (W12). */
  async again(key: string): Promise<TimedCheck> {
    const check = await this.#read(key, {});
    this.#site.bulk.learn(check.changeRequest);
    this.#single = { key, check };
    return check;
  }

  /**
   * L10, W12: makes a check of the change request that a withdrawn one names; it also misses the planned fields
   * of that one. It is not kept: a run that is parked for this change request misses none of them.
   */
  afterWithdrawal(check: TimedCheck, key: string): Promise<TimedCheck> {
    return this.#read(key, { check });
  }

  async #read(key: string, record: RunRecord): Promise<TimedCheck> {
    const { clock, sleep, log } = this.#context;
    const { serviceDesk } = this.#site;
    const check = await checkChangeRequest({ serviceDesk, clock, sleep, log, record }, key);
    if (this.isUsable(check)) return check;
    throw new Fault(
      'unreachable',
      text`Jira took ${checkAgeSeconds(check, momentOf(clock))} s to return ${key}; parked deployments are only answered on results at most a minute old.`,
      text`Run this again when the site answers faster.`,
    );
  }

  /** R4 */
  isUsable(check: TimedCheck): boolean {
    return checkAgeMs(check, momentOf(this.#context.clock)) <= oldestMs;
  }

  async #readMany(upcoming: Iterable<string>): Promise<Bulk> {
    const { serviceDesk, bulk } = this.#site;
    const asked = new Set<string>();
    for (const key of upcoming) {
      asked.add(key);
      if (asked.size === bulk.size) break;
    }
    const now = momentOf(this.#context.clock);
    const before = { ...now, askedAt: now.steadyMs, askedAtWallMs: now.wallMs };
    const readings = await bulk.readMany([...asked]);
    let time: Promise<Date | undefined> | undefined;
    return {
      asked,
      before,
      readings,
      serviceDesk: {
        timeZone: () => serviceDesk.timeZone(),
        // W9: if the time of a bulk read is doubted, one more request is enough for all its change requests.
        serverInfoTime: () => {
          time ??= serviceDesk.serverInfoTime();
          return time;
        },
      },
    };
  }

  async #ofBulk(key: string): Promise<TimedCheck | undefined> {
    const bulk = this.#bulk;
    const reading = bulk?.readings.get(key);
    if (bulk === undefined || reading === undefined) return undefined;
    if (!this.#site.bulk.isComplete(reading.changeRequest)) return undefined;
    const { clock } = this.#context;
    const check = await checkOf({ clock, serviceDesk: bulk.serviceDesk }, reading, bulk.before, true);
    return check !== undefined && this.isUsable(check) ? check : undefined;
  }

  #isYoung(asked: AskedAt): boolean {
    return checkAgeMs(asked, momentOf(this.#context.clock)) <= oldestAtStartMs;
  }
}
