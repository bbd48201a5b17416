import type { Clock } from '../../src/app/ports.ts';
import { RunEnded } from '../../src/domain/fault.ts';
import { epochMs } from './simulated-site.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The worker's calendar clock, which a test may set wrong or change during a run. */
export interface WorkerClock {
  offsetMs: number;
}

/** One process of the step in virtual time: its clock, and the signals that it can get. */
export class SimulatedProcess {
  readonly clock: Clock;
  readonly startedAtMs: number;
  readonly #time: VirtualTime;
  readonly #kill = new AbortController();
  /** The number of sleeps and requests that the process waits for. */
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

  /** True while the process does something other than waiting: time must not pass then. */
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

  /** Sends a SIGTERM. */
  terminate(): void {
    this.#kill.abort(new RunEnded('signal'));
  }

  /** A SIGKILL, or a crash of the machine: whatever the process waits for never returns. */
  crash(): void {
    this.#crashed = true;
  }

  /**
   * Waits until time or the signal ends the wait.
   * @param begin starts the wait; if the signal comes first, the function that it returns is called
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
        // The result of a wait is dropped if the process is dead.
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

  /** Calls `act` that long after the process began, unless the process is over. */
  after(ms: number, act: () => void): void {
    this.#time.after(ms, () => {
      if (!this.isOver) act();
    });
  }
}
