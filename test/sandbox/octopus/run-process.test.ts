import { beforeEach, describe, expect, it } from 'vitest';
import { setVariable } from '../../../src/octopus/service-message.ts';
import type { User } from './account.ts';
import type { Started } from './deploying-model.ts';
import type { Interruption } from './interruption.ts';
import { createOctopus, type Octopus } from './octopus.ts';
import type { Condition, Script, ScriptStep, Step } from './process.ts';

const pending = {
  variable:
    '#{unless Octopus.Deployment.Error}#{if Octopus.Action[Request].Output.Decision == "Pending"}True#{/if}#{/unless}',
};

let octopus: Octopus;
let person: User;
beforeEach(() => {
  octopus = createOctopus({ cap: 2 });
  person = octopus.addUser({ username: 'ann', displayName: 'Ann' });
});

/** A step whose script prints this output and ends with this exit code. */
function step(name: string, output = '', exitCode = 0, more: Partial<ScriptStep> = {}): ScriptStep {
  const script: Script = async ({ print }) => {
    print(output);
    return exitCode;
  };
  return { kind: 'script', name, script, ...more };
}

function wait(more: Partial<Step> = {}): Step {
  return {
    kind: 'manual',
    name: 'Wait',
    instructions: '#{Octopus.Action[Request].Output.Text}',
    ...more,
  } as Step;
}

const request = (decision: string): ScriptStep =>
  step('Request', `${setVariable('Decision', decision)}\n${setVariable('Text', 'Please wait')}\n`);

/** Resolves with the first interruption of a run. */
function interruptionOf({ task }: Started): Promise<Interruption> {
  return new Promise((resolve) => {
    const check = (): void => {
      const [first] = task.interruptions;
      if (first === undefined) setImmediate(check);
      else resolve(first);
    };
    check();
  });
}

const statuses = async ({ ended }: Started): Promise<readonly string[]> =>
  (await ended).steps.map(({ name, status }) => `${name}: ${status}`);

describe('A process with a manual intervention', () => {
  it('pauses without a slot, and waits for one after the answer', async () => {
    octopus.queue.cap = 1;
    const run = octopus.deploy({
      process: { steps: [request('Pending'), wait({ condition: pending }), step('Deploy')] },
    });
    const interruption = await interruptionOf(run);
    expect(interruption).toMatchObject({
      title: 'Wait',
      instructions: 'Please wait',
      type: 'ManualIntervention',
    });
    expect(run.task).toMatchObject({ state: 'Queued', startedMs: expect.any(Number) });
    expect(octopus.timeline.at(-1)).toMatchObject({ slots: 0, queued: 0, paused: 1 });
    let release = (): void => {};
    const released = new Promise<number>((resolve) => {
      release = () => resolve(0);
    });
    const busy: Script = () => released;
    const other = octopus.deploy({
      project: 'Shop',
      process: { steps: [{ kind: 'script', name: 'Busy', script: busy }] },
    });
    octopus.answerInterruption(interruption, 'Proceed', person, 'Go');
    expect(octopus.timeline.at(-1)).toMatchObject({ slots: 1, queued: 1, paused: 0 });
    release();
    await other.ended;
    expect(await statuses(run)).toEqual(['Request: Succeeded', 'Wait: Succeeded', 'Deploy: Succeeded']);
    expect(run.task.state).toBe('Success');
  });

  it('is not asked where the run condition is false', async () => {
    const run = octopus.deploy({
      process: { steps: [request('Ready'), wait({ condition: pending }), step('Deploy')] },
    });
    expect(await statuses(run)).toEqual(['Request: Succeeded', 'Wait: Skipped', 'Deploy: Succeeded']);
    expect(octopus.interruptions).toEqual([]);
  });

  it('fails when it is aborted; what runs always, or by a condition that minds no error, runs', async () => {
    const conditions: readonly Condition[] = ['Success', 'Failure', 'Always', { variable: 'True' }, pending];
    const seen: string[] = [];
    const steps = conditions.map((condition): ScriptStep => {
      const script: Script = async ({ variables }) => {
        seen.push(variables['Octopus.Deployment.Error'] ?? '');
        return 0;
      };
      return { kind: 'script', name: JSON.stringify(condition).slice(0, 20), condition, script };
    });
    const run = octopus.deploy({ process: { steps: [request('Pending'), wait(), ...steps] } });
    octopus.answerInterruption(await interruptionOf(run), 'Abort', person, 'Declined');
    expect((await run.ended).steps.map(({ status }) => status)).toEqual([
      'Succeeded',
      'Failed',
      'Skipped',
      'Succeeded',
      'Succeeded',
      'Succeeded',
      'Skipped',
    ]);
    expect(seen).toEqual(Array(3).fill('Wait: aborted by Ann: Declined'));
    expect(run.task).toMatchObject({ state: 'Failed', errorMessage: 'Wait: aborted by Ann: Declined' });
  });

  it('gives later steps its outputs', async () => {
    let seen: Readonly<Record<string, string>> = {};
    const later: Script = async ({ variables }) => {
      seen = variables;
      return 0;
    };
    const run = octopus.deploy({
      process: { steps: [wait(), { kind: 'script', name: 'Later', script: later }] },
    });
    octopus.answerInterruption(await interruptionOf(run), 'Proceed', person, 'Go');
    await run.ended;
    expect(seen).toMatchObject({
      'Octopus.Action[Wait].Output.Manual.Approved': 'True',
      'Octopus.Action[Wait].Output.Manual.Notes': 'Go',
      'Octopus.Action[Wait].Output.Manual.ResponsibleUser.Username': 'ann',
    });
  });

  it('keeps its slot as a child step', async () => {
    const run = octopus.deploy({ process: { steps: [wait({ isChild: true })] } });
    const interruption = await interruptionOf(run);
    expect(run.task.state).toBe('Executing');
    expect(octopus.timeline.at(-1)).toMatchObject({ slots: 1, paused: 0 });
    octopus.answerInterruption(interruption, 'Proceed', person);
    expect((await run.ended).task.state).toBe('Success');
  });

  it.each([
    ['lets another deployment of the same project, environment and tenant pass', false, 'Executing'],
    ['or forbids it', true, 'Queued'],
  ])('%s', async (_what, blocksOthers, state) => {
    const first = octopus.deploy({ process: { steps: [wait({ blocksOthers })] } });
    const interruption = await interruptionOf(first);
    const second = octopus.deploy({ process: { steps: [step('Deploy')] } });
    expect(second.task.state).toBe(state);
    octopus.answerInterruption(interruption, 'Proceed', person);
    await Promise.all([first.ended, second.ended]);
    expect(second.task.state).toBe('Success');
  });

  it('ends when it is cancelled, and its interruption with it', async () => {
    const run = octopus.deploy({
      process: { steps: [wait(), step('Always', '', 0, { condition: 'Always' })] },
    });
    const interruption = await interruptionOf(run);
    octopus.cancel(run.task);
    expect((await run.ended).task.state).toBe('Canceled');
    expect(await statuses(run)).toEqual([]);
    expect(interruption.answer).toBeUndefined();
  });

  it('is begun after the steps beside it have ended', async () => {
    const beside = step('Beside', 'done\n', 0, { startsWithPrevious: true });
    const run = octopus.deploy({ process: { steps: [wait(), beside] } });
    await interruptionOf(run);
    expect(run.task.log).toMatchObject([{ step: 'Beside', text: 'done' }]);
    octopus.cancel(run.task);
  });
});

describe('A step that fails', () => {
  it('gives its result message as the error, and skips what needs success', async () => {
    const run = octopus.deploy({ process: { steps: [step('Gate', 'no\n', 1), step('Deploy')] } });
    expect(await statuses(run)).toEqual(['Gate: Failed', 'Deploy: Skipped']);
    expect(run.task).toMatchObject({
      state: 'Failed',
      errorMessage: 'Gate: the script returned exit code 1',
    });
  });

  it.each([
    ['Fail', ['Gate: Failed', 'Deploy: Skipped']],
    ['Ignore', ['Gate: Failed', 'Deploy: Succeeded']],
    ['Retry', ['Gate: Failed', 'Gate: Succeeded', 'Deploy: Succeeded']],
  ] as const)('asks for guidance, with its slot: %s', async (guidance, expected) => {
    let tries = 0;
    const script: Script = async () => {
      tries += 1;
      return tries === 1 ? 1 : 0;
    };
    const run = octopus.deploy({
      usesGuidedFailure: true,
      process: { steps: [{ kind: 'script', name: 'Gate', script }, step('Deploy')] },
    });
    const interruption = await interruptionOf(run);
    expect(interruption).toMatchObject({ type: 'GuidedFailure', title: 'Gate requires failure guidance' });
    expect(run.task.state).toBe('Executing');
    octopus.answerInterruption(interruption, guidance, person);
    expect(await statuses(run)).toEqual(expected);
  });

  it('may be an abort, on a server that asks for guidance then', async () => {
    octopus.behaviour.asksAfterAbort = true;
    const run = octopus.deploy({ usesGuidedFailure: true, process: { steps: [wait(), step('Deploy')] } });
    octopus.answerInterruption(await interruptionOf(run), 'Abort', person);
    const second = await interruptionOf(run);
    expect(second).toMatchObject({ type: 'GuidedFailure', title: 'Wait requires failure guidance' });
    octopus.answerInterruption(second, 'Fail', person);
    expect(await statuses(run)).toEqual(['Wait: Failed', 'Deploy: Skipped']);
  });
});
