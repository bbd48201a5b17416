import { checkAgeMs, type Moment } from '../../domain/decision/check-age.ts';
import type { RunRecord, TimedCheck } from '../../domain/decision/run-record.ts';
import { Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import { checkChangeRequest, checkOf, momentOf } from '../check-change-request.ts';
import type { Reading, ServiceDesk } from '../ports.ts';
import type { ParkedSite } from './parked-run.ts';
import type { PassContext } from './pass-context.ts';

/** R4: nothing is answered on an older check. */
const oldestMs = 60_000;
/** How old a check may be when its turn comes, so that there is time left to answer. */
const oldestAtStartMs = 40_000;

/** What the last bulk read has brought. */
interface Bulk {
  readonly asked: ReadonlySet<string>;
  readonly before: Moment & Pick<TimedCheck, 'askedAt' | 'askedAtWallMs'>;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly serviceDesk: Pick<ServiceDesk, 'timeZone' | 'serverInfoTime'>;
}

/** The checks of one pass at the change requests of one site: as many in one request as the site gives. */
export class ParkedChecks {
  readonly #context: PassContext;
  readonly #site: ParkedSite;
  readonly #record: RunRecord = {};
  #bulk: Bulk | undefined;
  /** The last check by a read of its own. */
  #single: { readonly key: string; readonly check: TimedCheck } | undefined;

  constructor(context: PassContext, site: ParkedSite) {
    this.#context = context;
    this.#site = site;
  }

  /**
   * A look at one change request.
   * @param upcoming the keys that will be asked for next, this one first
   */
  async at(key: string, upcoming: () => Iterable<string>): Promise<TimedCheck> {
    const single = this.#single;
    if (single?.key === key && this.#isYoung(single.check)) return single.check;
    const isAsked = this.#bulk?.asked.has(key) === true && this.#isYoung(this.#bulk.before);
    if (!isAsked) this.#bulk = await this.#readMany(upcoming());
    return (await this.#ofBulk(key)) ?? this.again(key);
  }

  /** A check by a read of its own (W12). */
  async again(key: string): Promise<TimedCheck> {
    const { clock, sleep, log } = this.#context;
    const { serviceDesk, bulk } = this.#site;
    const context = { serviceDesk, clock, sleep, log, record: this.#record };
    const check = await checkChangeRequest(context, key, undefined);
    bulk.learn(check.changeRequest);
    this.#single = { key, check };
    if (this.isUsable(check)) return check;
    throw new Fault(
      'unreachable',
      text`Jira took ${Math.round(checkAgeMs(check, momentOf(clock)) / 1000)} s to return ${key}; parked deployments are only answered on results at most a minute old.`,
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
        // W9: one answer more for a whole bulk whose time is doubted, not one for each change request.
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

  #isYoung(asked: Pick<TimedCheck, 'askedAt' | 'askedAtWallMs'>): boolean {
    return checkAgeMs(asked, momentOf(this.#context.clock)) <= oldestAtStartMs;
  }
}
