import { run } from '../../src/run.ts';
import { steadyClock } from '../../src/steady-clock.ts';
import { loginTransport } from '../login-transport.ts';

type Environment = Record<string, string | undefined>;

/**
 * Runs the step outside Octopus.
 * @param variables the variables of the step
 * @param env the environment of the process, for the requests ({@link loginTransport})
 * @param print receives the lines for people. Service messages are only for Octopus, and one of them contains
 *   the values to mask.
 * @returns the exit code of the run
 */
export async function examine(
  variables: Readonly<Environment>,
  env: Environment,
  print: (line: string) => void,
  killSignal: AbortSignal,
): Promise<0 | 1> {
  const transport = loginTransport(env);
  const clock = steadyClock(process.uptime);
  try {
    const { exitCode } = await run({
      env: variables,
      write: (line) => {
        if (!line.startsWith('##octopus[')) print(line);
      },
      flushed: () => Promise.resolve(),
      clock,
      startedAt: clock.now(),
      random: Math.random,
      send: transport.send,
      killSignal,
      // The operation Test leaves no record.
      keepFile: (name) => {
        throw new Error(`${name} is not kept`);
      },
      recordWriter: () => Promise.reject(new Error('a test leaves no record')),
      bundle: () => undefined,
      asciiOnly: false,
    });
    return exitCode;
  } finally {
    transport.close();
  }
}
