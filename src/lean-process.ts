/** The newest Node major version on which the flags were tried: V8 warns on stderr about a flag it does not know. */
const newestTried = 24;
/** By then the first request has left, so the start does not pay for this. */
const delayMs = 100;

/**
 * V8 compiles nothing a second time to make it faster, and its space for new objects does not grow: a worker may run
 * many steps that wait for a day each and hardly compute. `docs/figures.md` shows what this saves.
 */
const flags = ['--no-opt', '--semi-space-growth-factor=1'];

/** Makes the process use less memory, shortly after its start; the version is as in `process.versions.node`. */
export function keepProcessLean(nodeVersion: string): void {
  if (Number.parseInt(nodeVersion, 10) > newestTried) return;
  setTimeout(async () => {
    const { setFlagsFromString } = await import('node:v8');
    for (const flag of flags) setFlagsFromString(flag);
  }, delayMs).unref();
}
