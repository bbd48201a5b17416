import { faulted, timedOut, toldToEnd } from './app/endings.ts';
import { gate } from './app/gate.ts';
import type { Ending, RunRecord } from './app/run-context.ts';
import { Fault, RunEnded } from './domain/fault.ts';
import { text } from './domain/text.ts';
import { writeEnding } from './octopus/ending-lines.ts';
import { readOperation } from './octopus/inputs.ts';
import { redactor, secretForms } from './octopus/secrets.ts';
import { createTaskLog } from './octopus/task-log.ts';
import { Variables } from './octopus/variables.ts';
import { prepareGate } from './prepare-gate.ts';
import { inputProblems } from './stop-early.ts';
import type { World } from './world.ts';

/**
 * One run of the step, from its variables to its exit code: 0 lets the deployment go, 1 does not. This is
 * the one place that an exit code comes out of.
 */
export async function run(world: World): Promise<0 | 1> {
  const variables = new Variables(world.env);
  const redact = redactor(secretForms(variables.get('JsmChange.Username'), variables.get('JsmChange.Token')));
  const out = { write: world.write };
  const log = createTaskLog({ out, redact, asciiOnly: world.asciiOnly });
  const record: RunRecord = {};
  let browseUrl: ((key: string) => URL) | undefined;
  let ending: Ending;
  const done = new AbortController();
  try {
    const operation = readOperation(variables);
    if (operation.problems.length > 0) {
      ending = inputProblems(operation.problems, log);
    } else {
      const prepared = await prepareGate({ world, variables, log, out, record, done: done.signal });
      if (prepared.kind === 'ended') {
        ending = prepared.ending;
      } else {
        browseUrl = (key) => prepared.context.serviceDesk.browseUrl(key);
        ending = await gate(prepared.context);
      }
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
