import type { ChangeRequest } from '../domain/change/change-request.ts';
import { changeWindow, hasBound, type PlannedTime } from '../domain/change/change-window.ts';
import { isFromCache, type Moment } from '../domain/decision/look-age.ts';
import type { TimedLook } from '../domain/decision/run-record.ts';
import { text } from '../domain/text.ts';
import { shortestIntervalMs } from './gate/look-interval.ts';
import { changeRequestLink } from './outcomes.ts';
import type { Clock, Reading } from './ports.ts';
import type { RunContext } from './run-context.ts';

/** What a look needs of a run. */
export type LookContext = Pick<RunContext, 'serviceDesk' | 'clock' | 'sleep' | 'log' | 'record'> &
  Partial<Pick<RunContext, 'trail'>>;

/** W8: this many looks that are too old on arrival follow each other as fast as looks may. */
export const mostQuickTries = 3;

export function momentOf(clock: Clock): Moment {
  return { steadyMs: clock.now(), wallMs: clock.wallTime().getTime() };
}

/**
 * Looks at a change request once: reads it, and only if its window needs them, the account's time zone (W10) and
 * the server's time (W9).
 * @param known the change request as an earlier look of this run saw it
 * @param fields `all` reads all fields with their names again, which the look that allows the deployment must (W8)
 */
export async function takeLook(
  context: LookContext,
  key: string,
  known: ChangeRequest | undefined,
  fields: 'known' | 'all' = 'known',
): Promise<TimedLook> {
  const { serviceDesk, clock } = context;
  const before = momentOf(clock);
  const reading = await serviceDesk.read(key, known, fields);
  const look = await lookOf(context, reading, before, known === undefined || fields === 'all');
  if (look === undefined) {
    await context.sleep(shortestIntervalMs);
    return takeLook(context, key, known, fields);
  }
  context.trail?.looked(look);
  const { changeRequest } = look;
  if (changeRequest.key !== key) {
    // L11: it was moved, and answers under both keys.
    context.log.highlight(
      text`The change request ${key} was moved and is now ${changeRequestLink(context, changeRequest.key)}; the step continues with it.`,
    );
  }
  context.record.key = changeRequest.key;
  context.record.look = look;
  if (look.timeZone !== undefined) context.record.timeZone = look.timeZone;
  if (look.approvals !== undefined) context.record.approvals = look.approvals;
  return look;
}

/**
 * What a reading shows: only if its window needs them, the account's time zone (W10) and the server's time (W9).
 * @param before when the reading was begun
 * @returns undefined if the time came after the reading, and after a bound of the window that the reading came before,
 *   or if that time shows that the reading came from a cache
 */
export async function lookOf(
  {
    serviceDesk,
    clock,
  }: {
    readonly serviceDesk: Pick<RunContext['serviceDesk'], 'timeZone' | 'serverInfoTime'>;
    readonly clock: Clock;
  },
  reading: Reading,
  before: Moment,
  isWhole: boolean,
): Promise<TimedLook | undefined> {
  const { changeRequest, askedAt, answeredAt } = reading;
  let window = changeWindow(changeRequest, undefined);
  let timeZone: string | undefined;
  if (window.start.kind === 'zone-needed' || window.end.kind === 'zone-needed') {
    timeZone = await serviceDesk.timeZone();
    window = changeWindow(changeRequest, timeZone);
  }
  // W9: a time that is doubted is believed only when the next answer confirms it.
  const isReliable = reading.serverTime !== undefined && !reading.isTimeDoubted;
  const serverTime =
    isReliable || !hasBound(window) ? reading.serverTime : await serviceDesk.serverInfoTime();
  const earlierMs = (isReliable ? answeredAt : clock.now()) - askedAt;
  const isOfBefore =
    (!isReliable && hasStartedSince(window.start, serverTime, earlierMs)) ||
    hasEndedSince(window.end, serverTime, earlierMs);
  if (isOfBefore || isFromCache(reading, { serverTime, answeredAt: clock.now() })) return undefined;
  return {
    changeRequest,
    window,
    serverTime,
    askedAt,
    // By the wall clock of before the read, so that a suspension during the read makes the look older, never younger.
    askedAtWallMs: before.wallMs + (askedAt - before.steadyMs),
    answeredAt,
    approvals: reading.approvals,
    isWhole,
    timeZone,
  };
}

/**
 * W9: a time that was asked for after a look may be past a Planned start that the look itself came before.
 * @param earlierMs how long before that time the look was asked for
 */
function hasStartedSince(start: PlannedTime, time: Date | undefined, earlierMs: number): boolean {
  if (start.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - start.at.getTime();
  return pastMs >= 0 && pastMs < earlierMs;
}

/** W13: what was read before Planned end may have changed by then; only a look taken after it says that time is up. */
function hasEndedSince(end: PlannedTime, time: Date | undefined, earlierMs: number): boolean {
  if (end.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - end.at.getTime();
  return pastMs > 0 && pastMs <= earlierMs;
}
