import { RunEnded } from './domain/fault.ts';
import { createHttpTransport } from './jira/http-transport.ts';
import { keepProcessLean } from './lean-process.ts';
import { run } from './run.ts';
import { steadyClock } from './steady-clock.ts';

// Until a run has decided otherwise, the deployment is not let go: not by an error, nor by a loop that ran dry.
process.exitCode = 1;

// F2: a certificate that is refused stays refused, whatever the worker's environment says.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

const kill = new AbortController();
const toldToEnd = (): void => kill.abort(new RunEnded('signal'));
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'] as const;
for (const signal of signals) process.on(signal, toldToEnd);
// Nobody reads any more: an agent that ended its task and left its children alive.
process.stdout.on('error', toldToEnd);

keepProcessLean(process.versions.node);
const transport = createHttpTransport(process.env);
void main();

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
    transport.close();
    for (const signal of signals) process.off(signal, toldToEnd);
  }
}
