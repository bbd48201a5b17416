import { testConnection } from './app/connection-test/test-connection.ts';
import { heldUp } from './app/decided-outcomes.ts';
import { gate } from './app/gate/gate.ts';
import { cancelled, faulted, timedOut, unexpected } from './app/outcomes.ts';
import { report } from './app/report.ts';
import { momentOf } from './app/take-look.ts';
import { verify } from './app/verify.ts';
import { type Connection, connect, maskLogin } from './connect.ts';
import { Fault, RunEnded } from './domain/fault.ts';
import { lookAgeMs, mayStillProceed } from './domain/look-age.ts';
import type { Outcome } from './domain/outcome.ts';
import type { RunRecord, TimedLook } from './domain/run-record.ts';
import { text } from './domain/text.ts';
import { type ExitCode, type Result, writeEnding } from './ending.ts';
import { Secrets } from './octopus/secrets.ts';
import { createTaskLog } from './octopus/task-log.ts';
import { tokenPattern } from './octopus/variable-patterns.ts';
import { Variables } from './octopus/variables.ts';
import type { RunTools } from './run-tools.ts';
import { policyWords } from './settings/policy-words.ts';
import { readOperation, readSettings } from './settings/read-settings.ts';
import type { Operation, Settings } from './settings/settings.ts';
import type { World } from './world.ts';

export interface RunEnd {
  readonly exitCode: ExitCode;
  /** W8: whether exit code 0 may still stand, asked as the last act of the process. */
  readonly holds: () => boolean;
}

/** One run of the step: reads its settings, connects to the site, performs the operation and writes the ending. */
export async function run(world: World): Promise<RunEnd> {
  const variables = new Variables(world.env);
  const secrets = new Secrets();
  secrets.add(variables.get('JsmChange.Username'), variables.get('JsmChange.Token'));
  for (const { value } of variables.family(tokenPattern)) secrets.addOther(value);
  const octopusKey = variables.get('JsmChange.OctopusApiKey');
  secrets.addOther(octopusKey);
  let named = (text: string): string => text;
  const redact = (text: string): string => secrets.redact(named(text));
  const out = { write: world.write };
  const log = createTaskLog({ out, redact, asciiOnly: world.asciiOnly });
  const record: RunRecord = {};
  const operation = readOperation(variables);
  const over = new AbortController();
  const nameBy: RunTools['nameBy'] = (words) => {
    named = words;
  };
  const tools: RunTools = { variables, secrets, out, log, redact, nameBy };
  try {
    const result = await resultOf(operation, record, async () => {
      maskLogin(out, '', octopusKey);
      if (operation === 'Resume') return (await import('./parking.ts')).resume(world, tools);
      const reading = await readSettings({ variables, env: world.env, secrets, log, record });
      if (reading.kind === 'ended') return { kind: 'outcome', outcome: reading.outcome };
      const { policyToken } = reading.settings;
      if (policyToken !== undefined) nameBy(policyWords(policyToken));
      const connection = connect(world, reading.settings, { out, log, record, done: over.signal });
      const result = await perform[operation](connection, reading.settings);
      if (result.kind !== 'checked' || octopusKey === '') return result;
      const { testOctopus } = await import('./parking.ts');
      return { kind: 'checked', checks: [...result.checks, ...(await testOctopus(world, tools))] };
    });
    const output = { out, log, redact, record };
    let exitCode = writeEnding(operation, result, output);
    const allowing = allowingLook(result, record);
    const holds = (): boolean => allowing === undefined || mayStillProceed(allowing, momentOf(world.clock));
    await world.flushed();
    if (allowing !== undefined && !holds()) {
      const ageSeconds = Math.round(lookAgeMs(allowing, momentOf(world.clock)) / 1000);
      exitCode = writeEnding(operation, decided(heldUp(allowing, ageSeconds)), output);
    }
    // F6, V2: a signal also fails an operation that otherwise never fails a deployment.
    return { exitCode: world.killSignal.aborted ? 1 : exitCode, holds };
  } finally {
    over.abort();
  }
}

const perform: Readonly<
  Record<Exclude<Operation, 'Resume'>, (connection: Connection, settings: Settings) => Promise<Result>>
> = {
  Gate: async ({ context }) => decided(await gate(context)),
  Verify: async ({ context }, { earlierKey }) => decided(await verify(context, earlierKey)),
  Request: async () => unavailable,
  Report: async ({ context }, settings) => {
    await report(context, settings);
    return { kind: 'reported' };
  },
  Test: async ({ context, probe }, settings) => ({
    kind: 'checked',
    checks: await testConnection(context, probe, {
      ...settings,
      approves: settings.approveTransition !== '',
      targets: [settings.successStatus, settings.failureStatus],
    }),
  }),
};

// Replaced by the operation Request.
const unavailable = decided({ verdict: 'Error', code: 'InputInvalid', reason: text`Not available yet.` });

/** The look that allows the deployment; undefined if none does, or none is required. */
function allowingLook(result: Result, { look }: RunRecord): TimedLook | undefined {
  return result.kind === 'outcome' && result.outcome.verdict === 'Proceed' ? look : undefined;
}

function decided(outcome: Outcome): Result {
  return { kind: 'outcome', outcome };
}

/** F7: whatever goes wrong is an outcome that does not allow the deployment. */
async function resultOf(
  operation: Operation,
  record: RunRecord,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof RunEnded) {
      return decided(error.by === 'wait-limit' ? timedOut(operation, record.look) : cancelled(operation));
    }
    return decided(error instanceof Fault ? faulted(error) : unexpected(error));
  }
}
