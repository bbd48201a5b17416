import type { SiteClock } from '../sandbox/clock.ts';
import { Site, type SiteOptions } from '../sandbox/site.ts';
import { VirtualTime } from './virtual-time.ts';

/** Where the simulations begin: 13 June 2026, 8:00 UTC. */
export const epochMs = Date.UTC(2026, 5, 13, 8, 0, 0);

/** The site's calendar clock over virtual time. */
class SimulatedSiteClock implements SiteClock {
  /** How far it is ahead of the world's; a test may change it in the middle of a run. */
  offsetMs = 0;
  readonly #time: VirtualTime;
  readonly #startMs: number;

  constructor(time: VirtualTime, startMs: number) {
    this.#time = time;
    this.#startMs = startMs;
  }

  now(): number {
    return Math.floor(this.#startMs + this.#time.now + this.offsetMs);
  }
}

/** The stand-in site in virtual time. Several simulations one after the other go on in the same time. */
export class SimulatedSite extends Site {
  readonly time: VirtualTime;
  readonly siteClock: SimulatedSiteClock;

  /** @param options.time that of another site in the same world */
  constructor(
    options: Omit<SiteOptions, 'clock'> & { readonly startMs?: number; readonly time?: VirtualTime } = {},
  ) {
    const { startMs, time = new VirtualTime(), ...site } = options;
    const siteClock = new SimulatedSiteClock(time, startMs ?? epochMs);
    super({ ...site, clock: siteClock });
    this.time = time;
    this.siteClock = siteClock;
  }

  /** The site's time that much after now, as a planned date takes it. */
  dateIn(ms: number): Date {
    return new Date(this.siteClock.now() + ms);
  }
}
