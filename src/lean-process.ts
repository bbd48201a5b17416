/** The newest Node major version that the flags were tested on: V8 warns on stderr about unknown flags. */
const newestTried = 24;
/** By then the first request has been sent, so this does not slow down the start. */
const delayMs = 100;

/**
 * Flags that turn off V8's optimizing recompilation and keep its space for new objects from growing: a worker
 * may run many steps that wait for a day and hardly compute anything. `docs/figures.md` shows the savings.
 */
const flags = ['--no-opt', '--semi-space-growth-factor=1'];

/**
 * Reduces the memory that the process uses, shortly after its start.
 * @param nodeVersion as in `process.versions.node`
 */
export function keepProcessLean(nodeVersion: string): void {
  if (Number.parseInt(nodeVersion, 10) > newestTried) return;
  setTimeout(async () => {
    const { setFlagsFromString } = await import('node:v8');
    for (const flag of flags) setFlagsFromString(flag);
  }, delayMs).unref();
}
