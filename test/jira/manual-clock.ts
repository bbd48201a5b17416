import type { Clock } from '../../src/app/ports.ts';

/** A clock whose sleeps end immediately and advance it. */
export class ManualClock implements Clock {
  readonly sleeps: number[] = [];
  #now = 1000;
  /** Called with the time at each sleep; may abort a signal. */
  onSleep: ((now: number) => void) | undefined;

  now(): number {
    return this.#now;
  }

  wallTime(): Date {
    return new Date(Date.UTC(2026, 5, 13, 10) + this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.sleeps.push(ms);
    this.#now += ms;
    this.onSleep?.(this.#now);
    signal.throwIfAborted();
  }
}
