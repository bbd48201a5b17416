/** What the tests of the PowerShell body share: the suites for each engine, and what a step's end says. */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Engine, engines, removeFolders, type StepEnd } from './engine.ts';

/** A suite for each of these engines; skipped, with the reason in its name, where one cannot be had. */
export function onEach(chosen: readonly Engine[], suite: (engine: Engine) => void): void {
  for (const engine of chosen) {
    const skipped = engine.missing !== undefined && !process.env['CI'];
    describe.skipIf(skipped)(skipped ? `${engine.name} (skipped: ${engine.missing})` : engine.name, () => {
      beforeAll(() => engine.prepare(), 300_000);
      afterAll(removeFolders);
      suite(engine);
    });
  }
}

/** The engines that may differ: Linux and Windows. Another version of Windows' Node differs in little. */
export const thoroughEngines = engines.filter(({ thorough }) => thorough);
export const onLinux = engines.filter(({ windows }) => !windows);

/** What reached the action, and the options of its Node. */
interface Seen {
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  readonly node: string;
  readonly platform: string;
}

/** What the action `print-environment.cjs` has printed, if it is all that was printed. */
export function seenBy(end: StepEnd): Seen {
  expect(end.stderr).toBe('');
  expect(end.stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(end.stdout);
}

/** What a step tells Octopus, decoded, and what it prints besides. */
interface Told {
  readonly result: string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly lines: readonly string[];
}

export function told(end: StepEnd): Told {
  const decoded = (text = '') => Buffer.from(text, 'base64').toString();
  let result: string | undefined;
  const outputs: Record<string, string> = {};
  const warnings: string[] = [];
  const lines: string[] = [];
  let target = lines;
  for (const line of end.stdout.split('\n').slice(0, -1)) {
    const output = /^##octopus\[setVariable name='(.*?)' value='(.*?)'\]$/.exec(line);
    const message = /^##octopus\[resultMessage message='(.*?)'\]$/.exec(line);
    if (output !== null) outputs[decoded(output[1])] = decoded(output[2]);
    else if (message !== null) result = decoded(message[1]);
    else if (line === '##octopus[stdout-warning]') target = warnings;
    else if (line === '##octopus[stdout-default]') target = lines;
    else target.push(line);
  }
  return { result, outputs, warnings, lines };
}

/** Holds a failed step to what all have in common; gives its message. */
export function failure(end: StepEnd, decisionCode: string): string {
  const { result = '', outputs, lines } = told(end);
  expect(outputs, end.stdout + end.stderr).toEqual({
    Decision: 'Error',
    DecisionCode: decisionCode,
    DecisionReason: result,
  });
  expect(lines.at(-1)).toBe(result);
  expect(end).toMatchObject({ code: 1, stderr: '', left: [], environmentKept: true });
  return result;
}
