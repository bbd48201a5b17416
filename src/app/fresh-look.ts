import type { TimedLook } from '../domain/run-record.ts';
import type { Clock } from './ports.ts';

/** W8: the oldest look that may let a deployment go, with a second to spare for the ending itself. */
const freshMs = 9000;
/** W8: so many looks that were too old on arrival follow each other as fast as looks may. */
export const mostQuickTries = 3;

/** W8: whether a look may still let a deployment go; it counts from when the request left. */
export function isFresh(look: TimedLook, clock: Clock): boolean {
  return clock.now() - look.askedAt <= freshMs;
}

/** How old a look is, in seconds, for people. */
export function ageSeconds(look: TimedLook, clock: Clock): number {
  return Math.round((clock.now() - look.askedAt) / 1000);
}
