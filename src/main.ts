import { RunEnded } from './domain/fault.ts';
import { createHttpTransport } from './jira/http/http-transport.ts';
import { run } from './run.ts';
import { steadyClock } from './steady-clock.ts';

// Until a run has decided otherwise, the deployment is not let go: not by an error, nor by a loop that ran dry.
process.exitCode = 1;

// A package for proxies would write their addresses, with passwords, to stderr where this is set.
delete process.env['DEBUG'];
// F2: a certificate that is refused stays refused, whatever the worker's environment says.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const kill = new AbortController();
const toldToEnd = (): void => kill.abort(new RunEnded('signal'));
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;
for (const signal of signals) process.on(signal, toldToEnd);
// Nobody reads any more: an agent that ended its task and left its children alive.
process.stdout.on('error', toldToEnd);

/** The newest Node with these flags that was tried. */
const newestLean = 24;
/** When the first request has left, so that the start does not pay for it. */
const leanAfterMs = 100;
const lean = setTimeout(() => void stayLean(), leanAfterMs);
lean.unref();

const transport = createHttpTransport(process.env);
void main();

/**
 * A worker may hold many steps that wait, each for a day, and none of them ever computes much. So nothing is compiled
 * a second time to be faster, and new objects keep the small space that they begin with. `docs/figures.md` tells what
 * it saves. V8 complains on stderr about a flag that it does not know, so that only versions are told that were tried.
 */
async function stayLean(): Promise<void> {
  if (Number.parseInt(process.versions.node, 10) > newestLean) return;
  const { setFlagsFromString } = await import('node:v8');
  for (const flag of ['--no-opt', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
}

async function main(): Promise<void> {
  try {
    process.exitCode = await run({
      env: process.env,
      write: (line) => process.stdout.write(`${line}\n`),
      clock: steadyClock(process.uptime),
      startedAt: 0,
      random: Math.random,
      send: transport.send,
      killSignal: kill.signal,
      asciiOnly: process.platform === 'win32',
    });
  } finally {
    clearTimeout(lean);
    transport.close();
    for (const signal of signals) process.off(signal, toldToEnd);
  }
}
