import type { SiteClock } from '../sandbox/clock.ts';
import { Site, type SiteOptions } from '../sandbox/site.ts';
import { VirtualTime } from './virtual-time.ts';

/** When the simulations begin: 13 June 2026, 8:00 UTC. */
export const epochMs = Date.UTC(2026, 5, 13, 8, 0, 0);

/** The site's calendar clock, based on virtual time. */
class SimulatedSiteClock implements SiteClock {
  /** By how much the site's clock is ahead; a test may change it during a run. */
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

/** The stand-in site in virtual time. Simulations that run one after the other share the same time. */
export class SimulatedSite extends Site {
  readonly time: VirtualTime;
  readonly siteClock: SimulatedSiteClock;

  /** @param options.time the time of another site in the same world */
  constructor(
    options: Omit<SiteOptions, 'clock'> & { readonly startMs?: number; readonly time?: VirtualTime } = {},
  ) {
    const { startMs, time = new VirtualTime(), ...site } = options;
    const siteClock = new SimulatedSiteClock(time, startMs ?? epochMs);
    super({ ...site, clock: siteClock });
    this.time = time;
    this.siteClock = siteClock;
  }

  /** The site's time that much later, in the form that a planned field accepts. */
  dateIn(ms: number): Date {
    return new Date(this.siteClock.now() + ms);
  }
}
