/** The newest Node major version that the flags were tested on: V8 warns on stderr about unknown flags. */
const newestTried = 24;
/**
 * Flags by how many ms after the start they are set. `docs/figures.md` shows the savings. A worker may run many
 * steps that wait for a day and hardly compute anything.
 */
const flags = [
  // No optimizing recompilation, and a space for new objects that does not grow. By then the first request has
  // been sent, so this does not slow down the start.
  [100, ['--no-opt', '--semi-space-growth-factor=1']],
  // Each collection is a full one, which costs a few ms per check: a step that still runs is waiting.
  [60_000, ['--gc-global']],
] as const;

/**
 * Reduces the memory that the process uses, shortly after its start and again once it has run for a minute.
 * @param nodeVersion as in `process.versions.node`
 */
export function keepProcessLean(nodeVersion: string): void {
  if (Number.parseInt(nodeVersion, 10) > newestTried) return;
  for (const [delayMs, set] of flags) {
    setTimeout(async () => {
      const { setFlagsFromString } = await import('node:v8');
      for (const flag of set) setFlagsFromString(flag);
    }, delayMs).unref();
  }
}
