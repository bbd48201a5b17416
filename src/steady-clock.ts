import type { Clock } from './app/ports.ts';

/** A timer above 2,147,483,647 ms fires immediately, so no timer is set for more than an hour. */
const longestTimerMs = 3_600_000;

/**
 * Returns the clock of a real run. It is steady: setting the wall clock does not affect it.
 *
 * @param uptime returns the seconds since the process started, as `process.uptime` does; `performance.now`
 *   would do as well, but makes Node load another module at the start
 */
export function steadyClock(uptime: () => number): Clock {
  const now = (): number => uptime() * 1000;
  return {
    now,
    wallTime: () => new Date(),
    sleep: async (ms, signal) => {
      const until = now() + ms;
      for (;;) {
        signal.throwIfAborted();
        const left = until - now();
        if (left <= 0) return;
        await timer(Math.min(Math.ceil(left), longestTimerMs), signal);
      }
    },
  };
}

function timer(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(handle);
      reject(signal.reason);
    };
    const handle = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
