import type { ChangeRequest } from '../domain/change/change-request.ts';
import { changeWindow, hasBound, type PlannedTime } from '../domain/change/change-window.ts';
import { isFromCache, type Moment } from '../domain/decision/check-age.ts';
import type { TimedCheck } from '../domain/decision/run-record.ts';
import { clockOff } from '../domain/decision/worker-clock.ts';
import { text } from '../domain/text.ts';
import { shortestIntervalMs } from './gate/check-interval.ts';
import { changeRequestLink } from './outcomes.ts';
import type { Clock, Reading } from './ports.ts';
import type { RunContext } from './run-context.ts';

/** The parts of a run's context that a check needs. */
type CheckContext = Pick<RunContext, 'serviceDesk' | 'clock' | 'sleep' | 'log' | 'record'> &
  Partial<Pick<RunContext, 'trail'>>;

/** W8: how many checks in a row are made at the shortest interval while each is too old on arrival. */
export const mostQuickTries = 3;

export function momentOf(clock: Clock): Moment {
  return { steadyMs: clock.now(), wallMs: clock.wallTime().getTime() };
}

/**
 * Makes one check: reads the change request and, only if its window needs them, the account's time zone (W10)
 * and the server's time (W9).
 * @param fields `known` reads only those that the last check of this change request knew, if there was one;
 *   `all` reads all fields and names, as the check that allows the deployment must (W8)
 */
export async function checkChangeRequest(
  context: CheckContext,
  key: string,
  fields: 'known' | 'all' = 'all',
): Promise<TimedCheck> {
  const { serviceDesk, clock, record } = context;
  const earlier = record.check?.changeRequest;
  const before = momentOf(clock);
  const reading = await serviceDesk.read(key, earlier, fields);
  const check = await checkOf(context, reading, before, earlier?.key !== key || fields === 'all');
  if (check === undefined) {
    await context.sleep(shortestIntervalMs);
    return checkChangeRequest(context, key, fields);
  }
  context.trail?.checked(check);
  const { changeRequest } = check;
  noteMove(context, key, changeRequest);
  record.key = changeRequest.key;
  record.check = check;
  if (check.timeZone !== undefined) record.timeZone = check.timeZone;
  if (check.approvals !== undefined) record.approvals = check.approvals;
  return check;
}

/** L11: logs a move to another project; Jira answers to the old and the new key. */
export function noteMove(
  context: Pick<RunContext, 'serviceDesk' | 'log'>,
  asked: string,
  { key }: ChangeRequest,
): void {
  if (key === asked) return;
  context.log.highlight(
    text`The change request ${asked} was moved and is now ${changeRequestLink(context, key)}; the step continues with it.`,
  );
}

/**
 * Turns a reading into a check. Asks for the account's time zone (W10) and the server's time (W9) only if the
 * window needs them.
 * @param before the moment before the read began
 * @returns undefined if the change request must be read again: a bound of its window passed between the
 *   request and the server's time, or that time shows that the answer came from a cache
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
  // W9: a doubted time is used only after the next answer has confirmed it.
  const isReliable = reading.serverTime !== undefined && !reading.isTimeDoubted;
  const serverTime =
    isReliable || !hasBound(window) ? reading.serverTime : await serviceDesk.serverInfoTime();
  // Other requests, such as that for the time zone, may have come after the time, and taken minutes.
  const timedAt = isReliable || !hasBound(window) ? answeredAt : clock.now();
  const earlierMs = timedAt - askedAt;
  const isOfBefore =
    (!isReliable && hasStartedSince(window.start, serverTime, earlierMs)) ||
    hasEndedSince(window.end, serverTime, earlierMs);
  if (isOfBefore || isFromCache(reading, { serverTime, answeredAt: clock.now() })) return undefined;
  return {
    changeRequest,
    window,
    serverTime,
    askedAt,
    // Based on the wall clock before the read: a suspension during the read must not make the check younger.
    askedAtWallMs: before.wallMs + (askedAt - before.steadyMs),
    answeredAt,
    workerClockOff: serverTime && clockOff(wallTimeAt(clock, timedAt), serverTime),
    approvals: reading.approvals,
    isWhole,
    timeZone,
  };
}

/** Returns the worker's time at an earlier instant of its steady clock. */
function wallTimeAt(clock: Clock, steadyMs: number): Date {
  return new Date(clock.wallTime().getTime() - (clock.now() - steadyMs));
}

/**
 * W9: returns whether Planned start passed between the request for the change request and the server's time,
 * if that time was requested separately and later.
 * @param earlierMs how long before `time` the change request was requested
 */
function hasStartedSince(start: PlannedTime, time: Date | undefined, earlierMs: number): boolean {
  if (start.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - start.at.getTime();
  return pastMs >= 0 && pastMs < earlierMs;
}

/**
 * W13: returns whether Planned end passed between the request and the server's time. What was read before
 * Planned end may have changed since, so only a check made after it may stop the run.
 */
function hasEndedSince(end: PlannedTime, time: Date | undefined, earlierMs: number): boolean {
  if (end.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - end.at.getTime();
  return pastMs > 0 && pastMs <= earlierMs;
}
