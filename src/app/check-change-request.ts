import type { ChangeRequest } from '../domain/change/change-request.ts';
import { changeWindow, hasBound, type PlannedTime } from '../domain/change/change-window.ts';
import { isFromCache, type Moment } from '../domain/decision/check-age.ts';
import type { TimedCheck } from '../domain/decision/run-record.ts';
import { text } from '../domain/text.ts';
import { shortestIntervalMs } from './gate/check-interval.ts';
import { changeRequestLink } from './outcomes.ts';
import type { Clock, Reading } from './ports.ts';
import type { RunContext } from './run-context.ts';

/** What a check needs of a run. */
type CheckContext = Pick<RunContext, 'serviceDesk' | 'clock' | 'sleep' | 'log' | 'record'> &
  Partial<Pick<RunContext, 'trail'>>;

/** W8: this many checks that are too old on arrival follow each other as fast as checks may. */
export const mostQuickTries = 3;

export function momentOf(clock: Clock): Moment {
  return { steadyMs: clock.now(), wallMs: clock.wallTime().getTime() };
}

/**
 * Looks at a change request once: reads it, and only if its window needs them, the account's time zone (W10) and
 * the server's time (W9).
 * @param known the change request as an earlier check of this run saw it
 * @param fields `all` reads all fields with their names again, which the check that allows the deployment must (W8)
 */
export async function checkChangeRequest(
  context: CheckContext,
  key: string,
  known: ChangeRequest | undefined,
  fields: 'known' | 'all' = 'known',
): Promise<TimedCheck> {
  const { serviceDesk, clock } = context;
  const before = momentOf(clock);
  const reading = await serviceDesk.read(key, known, fields);
  const check = await checkOf(context, reading, before, known === undefined || fields === 'all');
  if (check === undefined) {
    await context.sleep(shortestIntervalMs);
    return checkChangeRequest(context, key, known, fields);
  }
  context.trail?.checked(check);
  const { changeRequest } = check;
  if (changeRequest.key !== key) {
    // L11: it was moved, and answers under both keys.
    context.log.highlight(
      text`The change request ${key} was moved and is now ${changeRequestLink(context, changeRequest.key)}; the step continues with it.`,
    );
  }
  context.record.key = changeRequest.key;
  context.record.check = check;
  if (check.timeZone !== undefined) context.record.timeZone = check.timeZone;
  if (check.approvals !== undefined) context.record.approvals = check.approvals;
  return check;
}

/**
 * What a reading shows: only if its window needs them, the account's time zone (W10) and the server's time (W9).
 * @param before when the reading was begun
 * @returns undefined if the time came after the reading, and after a bound of the window that the reading came before,
 *   or if that time shows that the reading came from a cache
 */
export async function checkOf(
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
): Promise<TimedCheck | undefined> {
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
    // By the wall clock of before the read, so that a suspension during the read makes the check older, never younger.
    askedAtWallMs: before.wallMs + (askedAt - before.steadyMs),
    answeredAt,
    approvals: reading.approvals,
    isWhole,
    timeZone,
  };
}

/**
 * W9: a time that was asked for after a check may be past a Planned start that the check itself came before.
 * @param earlierMs how long before that time the check was asked for
 */
function hasStartedSince(start: PlannedTime, time: Date | undefined, earlierMs: number): boolean {
  if (start.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - start.at.getTime();
  return pastMs >= 0 && pastMs < earlierMs;
}

/** W13: what was read before Planned end may have changed by then; only a check taken after it says that time is up. */
function hasEndedSince(end: PlannedTime, time: Date | undefined, earlierMs: number): boolean {
  if (end.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - end.at.getTime();
  return pastMs > 0 && pastMs <= earlierMs;
}
