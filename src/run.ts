import type { Check } from './app/connection-test/checklist.ts';
import { testConnection } from './app/connection-test/test-connection.ts';
import { gate } from './app/gate/gate.ts';
import { cancelled, faulted, timedOut } from './app/outcomes.ts';
import { report } from './app/report.ts';
import { verify } from './app/verify.ts';
import { Fault, RunEnded } from './domain/fault.ts';
import type { Outcome } from './domain/outcome.ts';
import type { RunRecord } from './domain/run-record.ts';
import { text } from './domain/text.ts';
import { endReport, endTest, outcomeAsCheck } from './finish.ts';
import { browseUrlAt } from './jira/session/session.ts';
import { createConnectionProbe } from './jira/site-probe.ts';
import { writeOutcome } from './octopus/outcome-lines.ts';
import { Secrets } from './octopus/secrets.ts';
import { createTaskLog } from './octopus/task-log.ts';
import { Variables } from './octopus/variables.ts';
import { readOperation } from './settings/from-parameters.ts';
import type { Preparation } from './settings/preparation.ts';
import { type Prepared, prepare } from './settings/prepare.ts';
import type { World } from './world.ts';

type Ready = Extract<Prepared, { kind: 'ready' }>;

/** The step's two exit codes: 0 lets the deployment go on, 1 does not. */
export type ExitCode = 0 | 1;

/** One run of the step, from its variables to its exit code. */
export async function run(world: World): Promise<ExitCode> {
  const variables = new Variables(world.env);
  const secrets = new Secrets();
  secrets.add(variables.get('JsmChange.Username'), variables.get('JsmChange.Token'));
  const out = { write: world.write };
  const log = createTaskLog({ out, redact: secrets.redact, asciiOnly: world.asciiOnly });
  const done = new AbortController();
  const operation = readOperation(variables);
  const preparation = {
    operation: operation.value,
    operationProblems: operation.problems,
    world,
    variables,
    secrets,
    log,
    out,
    record: {},
    done: done.signal,
  };
  try {
    switch (operation.value) {
      case 'Gate':
        return await decided(preparation, ({ context }) => gate(context));
      case 'Verify':
        return await decided(preparation, ({ context, earlierKey }) => verify(context, earlierKey));
      case 'Report':
        return await reported(preparation);
      case 'Test':
        return await tested(preparation);
    }
  } finally {
    done.abort();
  }
}

/** `Gate` and `Verify`: exit 0 comes out of here, for a decision that lets the deployment go, and for nothing else. */
async function decided(
  preparation: Preparation,
  decide: (ready: Ready) => Promise<Outcome>,
): Promise<ExitCode> {
  const { record, out, log, secrets } = preparation;
  let browseUrl: ((key: string) => URL) | undefined;
  const outcome = await outcomeOf(record, async () => {
    const prepared = await prepare(preparation);
    if (prepared.kind === 'ended') {
      const { site } = prepared;
      if (site !== undefined) browseUrl = (key) => browseUrlAt(site, key);
      return prepared.outcome;
    }
    browseUrl = (key) => prepared.context.serviceDesk.browseUrl(key);
    return decide(prepared);
  });
  writeOutcome(outcome, record, { out, log, redact: secrets.redact, browseUrl });
  return outcome.verdict === 'Proceed' || outcome.verdict === 'NotRequired' ? 0 : 1;
}

/** V2: exits 0 unless a signal ends it. */
async function reported(preparation: Preparation): Promise<ExitCode> {
  const { log, out, secrets, record, world } = preparation;
  let early: Outcome | undefined;
  const failure = await outcomeOf(record, async () => {
    const prepared = await prepare(preparation);
    if (prepared.kind === 'ended') {
      early = prepared.outcome;
    } else {
      const { context, run, earlierKey, earlierDecisions } = prepared;
      const { successStatus, failureStatus } = run;
      await report(context, { earlierKey, earlierDecisions, successStatus, failureStatus });
    }
    return undefined;
  });
  endReport(failure ?? early, { log, out, redact: secrets.redact });
  return world.killSignal.aborted ? 1 : 0;
}

/** V4: exits 0 only when no check failed. */
async function tested(preparation: Preparation): Promise<ExitCode> {
  const { log, out, secrets, record } = preparation;
  let checks: readonly Check[] = [];
  const failure = await outcomeOf(record, async () => {
    const prepared = await prepare(preparation);
    if (prepared.kind === 'ended') return prepared.outcome;
    const { context, session, site, run } = prepared;
    const { serviceProject, requestType, plannedStartField, plannedEndField } = site;
    checks = await testConnection(context, createConnectionProbe(session, { serviceProject, requestType }), {
      requestType,
      plannedStartField,
      plannedEndField,
      approves: run.approveTransition !== '',
      targets: [run.successStatus, run.failureStatus],
    });
    return undefined;
  });
  if (failure !== undefined) checks = [...checks, outcomeAsCheck(failure)];
  endTest(checks, { log, out, redact: secrets.redact });
  return checks.some(({ result }) => result === 'fail') ? 1 : 0;
}

/** F7: whatever goes wrong is an ending that does not let the deployment go. */
async function outcomeOf<T extends Outcome | undefined>(
  record: RunRecord,
  attempt: () => Promise<T>,
): Promise<T | Outcome> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof RunEnded)
      return error.by === 'wait-limit' ? timedOut(record.look) : cancelled('Gate');
    if (error instanceof Fault) return faulted(error);
    const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return {
      verdict: 'Error',
      reason: text`The step met an error that it does not know: ${what}.`,
      advice: text`The deployment is not let go. Please report this with the task log.`,
    };
  }
}
