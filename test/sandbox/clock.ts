/** The clock of the server, which may differ from the clock of the worker. */
export interface SiteClock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

/** A clock that does not advance until a test moves it. */
export class SettableClock implements SiteClock {
  #now: number;

  constructor(startMs: number = Date.UTC(2026, 5, 13, 8, 0, 0)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  set(ms: number): void {
    this.#now = ms;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

/** Real time plus an offset, which a test may change at any time. */
export class OffsetClock implements SiteClock {
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }
}
