/**
 * Shared by the tests of the PowerShell body: the suites for each engine, and the evaluation of a step's end.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Engine, engines, removeFolders, type StepEnd } from './engine.ts';

/** A suite for each of these engines; skipped, with the reason in its title, if the engine is not available. */
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

/** The engines that may differ: Linux and Windows. Another version of Windows' Node differs little. */
export const thoroughEngines = engines.filter(({ thorough }) => thorough);
export const onLinux = engines.filter(({ windows }) => !windows);

/** What the action received, and the options of its Node. */
interface Seen {
  readonly variables: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  readonly node: string;
  readonly platform: string;
}

/** Parses the output of the action `print-environment.cjs`, and asserts that there is no other output. */
export function seenBy(end: StepEnd): Seen {
  expect(end.stderr).toBe('');
  expect(end.stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(end.stdout);
}

/** The decoded messages of a step to Octopus, and its other output. */
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

/** Checks what all failed steps have in common; returns the message. */
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
