import { momentOf } from './app/check-change-request.ts';
import { testConnection } from './app/connection-test/test-connection.ts';
import { heldUp } from './app/decided-outcomes.ts';
import { gate } from './app/gate/gate.ts';
import { cancelled, faulted, timedOut, unexpected } from './app/outcomes.ts';
import { request } from './app/parking/request.ts';
import { report } from './app/report.ts';
import { verify } from './app/verify.ts';
import { type Connection, connect, maskLogin } from './connect.ts';
import { checkAgeSeconds, mayStillProceed } from './domain/decision/check-age.ts';
import type { Outcome } from './domain/decision/outcome.ts';
import { checkOfKey, type RunRecord, type TimedCheck } from './domain/decision/run-record.ts';
import { Fault, RunEnded } from './domain/fault.ts';
import { isDeciding, type Operation } from './domain/operation.ts';
import { text } from './domain/text.ts';
import { type ExitCode, type Result, testLinesOf, writeEnding, writeLateCancel } from './ending.ts';
import { Evidence } from './evidence.ts';
import { Secrets } from './octopus/secrets.ts';
import { createTaskLog } from './octopus/task-log.ts';
import { tokenPattern } from './octopus/variable-patterns.ts';
import { Variables } from './octopus/variables.ts';
import { policyWords } from './settings/policy-words.ts';
import { readOperation, readSettings } from './settings/read-settings.ts';
import type { Settings } from './settings/settings.ts';
import { productVersion } from './version.ts';
import type { RunTools, World } from './world.ts';

export interface RunEnd {
  readonly exitCode: ExitCode;
  /** W8: whether exit code 0 is still allowed; called as the last act of the process. */
  readonly holds: () => boolean;
  /** E1, O2: corrects the change record and the outputs if it is not. */
  readonly correct: () => void;
}

/** Runs the step: reads its settings, connects to the site, performs the operation and writes the ending. */
export async function run(world: World): Promise<RunEnd> {
  const tools = toolsOf(world);
  const { variables, log, record } = tools;
  // M2
  log.info(text`${productName(world)}`);
  const operation = readOperation(variables);
  const evidence = new Evidence(world, operation, tools);
  const over = new AbortController();
  try {
    const result = await resultOf(operation, record, () =>
      readAndPerform(world, operation, tools, evidence, over.signal),
    );
    if (result.kind === 'outcome') await evidence.leave(result.outcome);
    let exitCode = writeEnding(operation, result, tools);
    /** O2: later steps that always run read the outputs. */
    const endOtherwise = (outcome: Outcome): void => {
      evidence.correct(outcome);
      exitCode = writeEnding(operation, decided(outcome), tools);
    };
    const allowing = allowingCheck(result, record);
    const holds = (): boolean => allowing === undefined || mayStillProceed(allowing, momentOf(world.clock));
    const correct = (): void => {
      if (allowing !== undefined)
        endOtherwise(heldUp(allowing, checkAgeSeconds(allowing, momentOf(world.clock))));
    };
    await world.flushed();
    if (!holds()) correct();
    if (!world.killSignal.aborted) return { exitCode, holds, correct };
    // F6, V2: a signal also fails an operation that otherwise never fails a deployment.
    if (exitCode === 0 && result.kind === 'outcome' && isDeciding(operation)) {
      const outcome = cancelled(operation);
      endOtherwise(outcome);
      // E1: a run that needed no approval has left no record so far.
      if (result.outcome.verdict === 'NotRequired') await evidence.leave(outcome);
    } else if (exitCode === 0) {
      writeLateCancel(tools);
    }
    return { exitCode: 1, holds, correct };
  } finally {
    over.abort();
  }
}

function toolsOf(world: World): RunTools {
  const variables = new Variables(world.env);
  const secrets = new Secrets();
  secrets.add(variables.get('JsmChange.Username'), variables.get('JsmChange.Token'));
  for (const { value } of variables.family(tokenPattern)) secrets.addOther(value);
  secrets.addOther(variables.get('JsmChange.OctopusApiKey'));
  let named = (text: string): string => text;
  const redact = (text: string): string => secrets.redact(named(text));
  const out = { write: world.write };
  const log = createTaskLog({ out, redact, asciiOnly: world.asciiOnly });
  const nameBy: RunTools['nameBy'] = (words) => {
    named = words;
  };
  return { variables, secrets, out, log, redact, record: {}, nameBy };
}

async function readAndPerform(
  world: World,
  operation: Operation,
  tools: RunTools,
  evidence: Evidence,
  done: AbortSignal,
): Promise<Result> {
  const octopusKey = tools.variables.get('JsmChange.OctopusApiKey');
  maskLogin(tools.out, '', octopusKey);
  if (operation === 'Resume') return (await import('./parking.ts')).resume(world, tools);
  const reading = await readSettings({ ...tools, env: world.env });
  const performed = async (): Promise<Result> => {
    if (reading.kind === 'ended') return decided(reading.outcome);
    const { settings } = reading;
    evidence.goesBy(settings);
    if (settings.policyToken !== undefined) tools.nameBy(policyWords(settings.policyToken));
    return perform[operation](connect(world, settings, tools, evidence, done), settings);
  };
  if (operation !== 'Test' || octopusKey === '') return performed();
  // R7: adds the Octopus items to the checklist, even if no approval is required.
  const { octopusTest } = await import('./parking.ts');
  const octopus = octopusTest(world, tools);
  // I3: if any input is invalid, nothing is sent.
  if (octopus.problems.length > 0) {
    const lines = reading.kind === 'ended' ? testLinesOf(decided(reading.outcome)) : [];
    return { kind: 'tested', lines: [...lines, ...octopus.problems] };
  }
  const result = await performed();
  const mayAsk = result.kind !== 'outcome' || result.outcome.verdict === 'NotRequired';
  return { kind: 'tested', lines: [...testLinesOf(result), ...(mayAsk ? await octopus.lines() : [])] };
}

const perform: Readonly<
  Record<Exclude<Operation, 'Resume'>, (connection: Connection, settings: Settings) => Promise<Result>>
> = {
  Gate: async ({ context }, { earlierKey }) => decided(await gate(context, { requestedKey: earlierKey })),
  Request: async ({ context }) => decided(await request(context)),
  Verify: async ({ context }, { earlierKey }) => decided(await verify(context, earlierKey)),
  Report: async ({ context }, settings) => {
    await report(context, settings);
    return { kind: 'reported' };
  },
  Test: async ({ context, probe }, settings) => ({
    kind: 'tested',
    lines: await testConnection(context, probe, {
      ...settings,
      approves: settings.approveTransition !== '',
      targets: [settings.successStatus, settings.failureStatus],
    }),
  }),
};

/** M2: returns the product's name and version, and the version of the step template. */
function productName({ template = '' }: World): string {
  return `jsm-change-gate ${productVersion}${/^\d+$/.test(template) ? `, step template version ${template}` : ''}`;
}

/** Returns the check that allows the deployment; undefined if none does or no approval is required. */
function allowingCheck(result: Result, { check }: RunRecord): TimedCheck | undefined {
  return result.kind === 'outcome' && result.outcome.verdict === 'Proceed' ? check : undefined;
}

function decided(outcome: Outcome): Result {
  return { kind: 'outcome', outcome };
}

/** F7: turns every error into an outcome that does not allow the deployment. */
async function resultOf(
  operation: Operation,
  record: RunRecord,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof RunEnded) {
      return decided(
        error.by === 'wait-limit' ? timedOut(operation, checkOfKey(record)) : cancelled(operation),
      );
    }
    return decided(error instanceof Fault ? faulted(error) : unexpected(error));
  }
}
