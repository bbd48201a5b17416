import { lookAgeMs, type Moment } from '../../domain/decision/look-age.ts';
import type { RunRecord, TimedLook } from '../../domain/decision/run-record.ts';
import { Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import type { Reading, ServiceDesk } from '../ports.ts';
import { lookOf, momentOf, takeLook } from '../take-look.ts';
import type { ParkedSite } from './parked-run.ts';
import type { PassContext } from './pass-context.ts';

/** R4: nothing is answered on an older look. */
const oldestMs = 60_000;
/** How old a look may be when its turn comes, so that there is time left to answer. */
const oldestAtStartMs = 40_000;

/** What the last bulk read has brought. */
interface Bulk {
  readonly asked: ReadonlySet<string>;
  readonly before: Moment & Pick<TimedLook, 'askedAt' | 'askedAtWallMs'>;
  readonly readings: ReadonlyMap<string, Reading>;
  readonly serviceDesk: Pick<ServiceDesk, 'timeZone' | 'serverInfoTime'>;
}

/** The looks of one pass at the change requests of one site: as many in one request as the site gives. */
export class ParkedLooks {
  readonly #context: PassContext;
  readonly #site: ParkedSite;
  readonly #record: RunRecord = {};
  #bulk: Bulk | undefined;
  /** The last look by a read of its own. */
  #single: { readonly key: string; readonly look: TimedLook } | undefined;

  constructor(context: PassContext, site: ParkedSite) {
    this.#context = context;
    this.#site = site;
  }

  /**
   * A look at one change request.
   * @param upcoming the keys that will be asked for next, this one first
   */
  async at(key: string, upcoming: () => Iterable<string>): Promise<TimedLook> {
    const single = this.#single;
    if (single?.key === key && this.#isYoung(single.look)) return single.look;
    const isAsked = this.#bulk?.asked.has(key) === true && this.#isYoung(this.#bulk.before);
    if (!isAsked) this.#bulk = await this.#readMany(upcoming());
    return (await this.#ofBulk(key)) ?? this.again(key);
  }

  /** A look by a read of its own (W12). */
  async again(key: string): Promise<TimedLook> {
    const { clock, sleep, log } = this.#context;
    const { serviceDesk, bulk } = this.#site;
    const context = { serviceDesk, clock, sleep, log, record: this.#record };
    const look = await takeLook(context, key, undefined);
    bulk.learn(look.changeRequest);
    this.#single = { key, look };
    if (this.isUsable(look)) return look;
    throw new Fault(
      'unreachable',
      text`Jira took ${Math.round(lookAgeMs(look, momentOf(clock)) / 1000)} s to return ${key}; a parked deployment is only answered on results at most a minute old.`,
      text`Run this again when the site answers faster.`,
    );
  }

  /** R4 */
  isUsable(look: TimedLook): boolean {
    return lookAgeMs(look, momentOf(this.#context.clock)) <= oldestMs;
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

  async #ofBulk(key: string): Promise<TimedLook | undefined> {
    const bulk = this.#bulk;
    const reading = bulk?.readings.get(key);
    if (bulk === undefined || reading === undefined) return undefined;
    if (!this.#site.bulk.isComplete(reading.changeRequest)) return undefined;
    const { clock } = this.#context;
    const look = await lookOf({ clock, serviceDesk: bulk.serviceDesk }, reading, bulk.before, true);
    return look !== undefined && this.isUsable(look) ? look : undefined;
  }

  #isYoung(asked: Pick<TimedLook, 'askedAt' | 'askedAtWallMs'>): boolean {
    return lookAgeMs(asked, momentOf(this.#context.clock)) <= oldestAtStartMs;
  }
}
