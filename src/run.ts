import { faulted, timedOut, toldToEnd } from './app/endings.ts';
import { gate } from './app/gate.ts';
import { verify } from './app/verify.ts';
import type { Ending } from './domain/ending.ts';
import { Fault, RunEnded } from './domain/fault.ts';
import type { RunRecord } from './domain/run-record.ts';
import { text } from './domain/text.ts';
import { writeEnding } from './octopus/ending-lines.ts';
import { type Operation, readOperation } from './octopus/inputs.ts';
import { Secrets } from './octopus/secrets.ts';
import { createTaskLog } from './octopus/task-log.ts';
import { Variables } from './octopus/variables.ts';
import { type Prepared, prepare } from './setup/prepare.ts';
import { inputProblems } from './setup/stop-early.ts';
import type { World } from './setup/world.ts';

type Ready = Extract<Prepared, { kind: 'ready' }>;

const operations: Readonly<Record<Operation, (ready: Ready) => Promise<Ending>>> = {
  Gate: ({ context }) => gate(context),
  Verify: ({ context, earlierKey }) => verify(context, earlierKey),
  Report: ({ context }) => gate(context),
  Test: ({ context }) => gate(context),
};

/**
 * One run of the step, from its variables to its exit code: 0 lets the deployment go, 1 does not. This is
 * the one place that an exit code comes out of.
 */
export async function run(world: World): Promise<0 | 1> {
  const variables = new Variables(world.env);
  const secrets = new Secrets();
  secrets.add(variables.get('JsmChange.Username'), variables.get('JsmChange.Token'));
  const { redact } = secrets;
  const out = { write: world.write };
  const log = createTaskLog({ out, redact, asciiOnly: world.asciiOnly });
  const record: RunRecord = {};
  const done = new AbortController();
  const operation = readOperation(variables);
  const preparation = {
    operation: operation.value,
    world,
    variables,
    secrets,
    log,
    out,
    record,
    done: done.signal,
  };
  let browseUrl: ((key: string) => URL) | undefined;
  let ending: Ending;
  try {
    if (operation.problems.length > 0) {
      ending = inputProblems(operation.problems, log);
    } else {
      const prepared = await prepare(preparation);
      if (prepared.kind === 'ready') browseUrl = (key) => prepared.context.serviceDesk.browseUrl(key);
      ending = prepared.kind === 'ended' ? prepared.ending : await operations[operation.value](prepared);
    }
  } catch (error) {
    ending = endingOf(error, record);
  } finally {
    done.abort();
  }
  writeEnding(ending, record, { out, log, redact, browseUrl });
  return ending.decision === 'Proceed' || ending.decision === 'NotRequired' ? 0 : 1;
}

/** F7: whatever went wrong, it is an ending that does not let the deployment go. */
function endingOf(error: unknown, record: RunRecord): Ending {
  if (error instanceof RunEnded) return error.by === 'wait-limit' ? timedOut(record.look) : toldToEnd();
  if (error instanceof Fault) return faulted(error);
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    decision: 'Error',
    reason: text`The step met an error that it does not know: ${what}.`,
    advice: text`The deployment is not let go. Please report this with the task log.`,
  };
}
