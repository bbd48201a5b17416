import type { SiteClock } from '../sandbox/clock.ts';

/** Real time at another speed: the site's side of `fast-clock.mjs`. */
export function fastSiteClock(speed: number): SiteClock {
  const startMs = Date.now();
  return { now: () => startMs + (Date.now() - startMs) * speed };
}
