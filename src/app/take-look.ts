import type { ChangeRequest } from '../domain/change-request.ts';
import { type ChangeWindow, hasBound, plannedTime } from '../domain/change-window.ts';
import type { TimedLook } from '../domain/run-record.ts';
import { text } from '../domain/text.ts';
import { shortestIntervalMs } from './gate/look-interval.ts';
import { changeRequestLink } from './outcomes.ts';
import type { RunContext } from './run-context.ts';

/**
 * Looks at a change request once: its read, and only where its window needs them the account's time zone
 * (W10) and the server's time from `serverInfo` (W9).
 * @param known the change request as an earlier look of this run saw it
 */
export async function takeLook(
  context: RunContext,
  key: string,
  known: ChangeRequest | undefined,
): Promise<TimedLook> {
  const { serviceDesk, clock } = context;
  const { changeRequest, serverTime, askedAt, answeredAt } = await serviceDesk.read(key, known);
  let window = windowOf(changeRequest, undefined);
  if (window.start.kind === 'zone-needed' || window.end.kind === 'zone-needed') {
    window = windowOf(changeRequest, await serviceDesk.timeZone());
  }
  const time = serverTime ?? (hasBound(window) ? await serviceDesk.serverInfoTime() : undefined);
  if (serverTime === undefined && hasStartedSince(window, time, clock.now() - askedAt)) {
    await context.sleep(shortestIntervalMs);
    return takeLook(context, key, known);
  }
  const look = { changeRequest, window, serverTime: time, askedAt, answeredAt };
  if (changeRequest.key !== key) {
    // L11: it was moved, and answers under both keys.
    context.log.highlight(
      text`The change request ${key} was moved: going on with ${changeRequestLink(context, changeRequest.key)}.`,
    );
  }
  context.record.key = changeRequest.key;
  context.record.look = look;
  return look;
}

/**
 * W9: a time that was asked for after a look may be past a Planned start that the look itself came before.
 * @param sinceMs how long before the time was here the look was asked for
 */
function hasStartedSince({ start }: ChangeWindow, time: Date | undefined, sinceMs: number): boolean {
  if (start.kind !== 'set' || time === undefined) return false;
  const pastMs = time.getTime() - start.at.getTime();
  return pastMs >= 0 && pastMs < sinceMs;
}

function windowOf(changeRequest: ChangeRequest, timeZone: string | undefined): ChangeWindow {
  return {
    start: plannedTime(changeRequest.plannedStart, 'start', timeZone),
    end: plannedTime(changeRequest.plannedEnd, 'end', timeZone),
  };
}
