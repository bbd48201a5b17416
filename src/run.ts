import { testConnection } from './app/connection-test/test-connection.ts';
import { gate } from './app/gate/gate.ts';
import { cancelled, faulted, timedOut, unexpected } from './app/outcomes.ts';
import { report } from './app/report.ts';
import { verify } from './app/verify.ts';
import { type Connection, connect } from './connect.ts';
import { Fault, RunEnded } from './domain/fault.ts';
import type { Outcome } from './domain/outcome.ts';
import type { RunRecord } from './domain/run-record.ts';
import { type ExitCode, type Result, writeEnding } from './ending.ts';
import { Secrets } from './octopus/secrets.ts';
import { createTaskLog } from './octopus/task-log.ts';
import { Variables } from './octopus/variables.ts';
import { readOperation, readSettings } from './settings/read-settings.ts';
import type { Operation, Settings } from './settings/settings.ts';
import type { World } from './world.ts';

/** One run of the step: reads its settings, connects to the site, performs the operation and writes the ending. */
export async function run(world: World): Promise<ExitCode> {
  const variables = new Variables(world.env);
  const secrets = new Secrets();
  secrets.add(variables.get('JsmChange.Username'), variables.get('JsmChange.Token'));
  const { redact } = secrets;
  const out = { write: world.write };
  const log = createTaskLog({ out, redact, asciiOnly: world.asciiOnly });
  const record: RunRecord = {};
  const operation = readOperation(variables);
  const over = new AbortController();
  try {
    const result = await resultOf(operation, record, async () => {
      const reading = await readSettings({ variables, env: world.env, secrets, log, record });
      if (reading.kind === 'ended') return { kind: 'outcome', outcome: reading.outcome };
      const connection = connect(world, reading.settings, { out, log, record, done: over.signal });
      return perform[operation](connection, reading.settings);
    });
    const exitCode = writeEnding(operation, result, { out, log, redact, record });
    // F6, V2: a signal fails also what never fails a deployment by itself.
    return world.killSignal.aborted ? 1 : exitCode;
  } finally {
    over.abort();
  }
}

const perform: Readonly<Record<Operation, (connection: Connection, settings: Settings) => Promise<Result>>> =
  {
    Gate: async ({ context }) => decided(await gate(context)),
    Verify: async ({ context }, { earlierKey }) => decided(await verify(context, earlierKey)),
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
      return decided(error.by === 'wait-limit' ? timedOut(record.look) : cancelled(operation));
    }
    return decided(error instanceof Fault ? faulted(error) : unexpected(error));
  }
}
