import type { Clock } from '../../src/app/ports.ts';
import { RunEnded } from '../../src/domain/fault.ts';
import { epochMs } from './simulated-site.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The worker's calendar clock, which a test may set wrong, or let jump in the middle of a run. */
export interface WorkerClock {
  offsetMs: number;
}

/** One process of the step in virtual time: its clock, and what can happen to it from outside. */
export class SimulatedProcess {
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly #time: VirtualTime;
  readonly #kill = new AbortController();
  /** Sleeps and requests that it waits for. */
  #waits = 0;
  #crashed = false;
  #ended = false;

  constructor(time: VirtualTime, worker: WorkerClock) {
    this.#time = time;
    this.startedAtMs = time.now;
    this.clock = {
      now: () => time.now - this.startedAtMs,
      wallTime: () => new Date(Math.floor(epochMs + time.now + worker.offsetMs)),
      sleep: (ms, signal) =>
        this.wait(signal, (done) => {
          const due = time.after(ms, () => done());
          return () => time.cancel(due);
        }),
    };
  }

  get killSignal(): AbortSignal {
    return this.#kill.signal;
  }

  /** It does something that is no wait: nobody may let time pass. */
  get isWorking(): boolean {
    return !this.#ended && !this.#crashed && this.#waits === 0;
  }

  get isOver(): boolean {
    return this.#ended || this.#crashed;
  }

  get hasCrashed(): boolean {
    return this.#crashed;
  }

  end(): void {
    this.#ended = true;
  }

  /** SIGTERM */
  terminate(): void {
    this.#kill.abort(new RunEnded('signal'));
  }

  /** SIGKILL, or the machine's end: nothing that it waits for ever comes back. */
  crash(): void {
    this.#crashed = true;
  }

  /**
   * A wait that time ends, or the signal.
   * @param begin starts it; what it gives back is called when the signal was first
   */
  wait<T = void>(
    signal: AbortSignal,
    begin: (done: (value: T) => void, fail: (error: unknown) => void) => () => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      this.#waits += 1;
      let isOpen = true;
      const close = (): boolean => {
        if (!isOpen) return false;
        isOpen = false;
        signal.removeEventListener('abort', onAbort);
        // What a dead process waited for goes unheard.
        if (this.#crashed) return false;
        this.#waits -= 1;
        return true;
      };
      const onAbort = (): void => {
        giveUp();
        if (close()) reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const giveUp = begin(
        (value) => {
          if (close()) resolve(value);
        },
        (error) => {
          if (close()) reject(error);
        },
      );
    });
  }

  /** When that much has passed since the process began, unless it is over. */
  after(ms: number, act: () => void): void {
    this.#time.after(ms, () => {
      if (!this.isOver) act();
    });
  }
}
