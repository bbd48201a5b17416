import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faultEndings } from '../../src/domain/decision/outcome.ts';
import { decisionsOf, documentedCodes as rows } from './documented-codes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');

const code = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(`src/${path}`))
  .join('\n');

const words = (text: string): readonly string[] =>
  [...text.matchAll(/'([A-Z]\w+)'/g)].map(([, word = '']) => word);

/** Every code that the action can set. */
const ofAction = words(/type DecisionCode =([^;]*);/.exec(code)?.[1] ?? '');

/** Every code that a script body sets if the action does not. */
const ofLaunchers = [
  ...[...read('src/launcher/bash.sh').matchAll(/jsm_change_fail ([A-Z]\w+)/g)].map(([, word = '']) => word),
  ...[...read('src/launcher/powershell.ps1').matchAll(/\$decisionCode = '(\w+)'/g)].map(
    ([, word = '']) => word,
  ),
];

/** Each decision in the action's sources with the code next to it. */
const pairs = [...code.matchAll(/verdict: '(\w+)',\s*code:([^;{]*?),\s*(?:rule|reason|\.\.\.)/g)].flatMap(
  ([, decision = '', after = '']) => words(after).map((word) => [decision, word] as const),
);

describe('docs/decision-codes.md', () => {
  it('[O3] has exactly one row for each code of the action and of the script bodies', () => {
    expect(ofAction.length).toBeGreaterThan(15);
    expect(new Set(ofLaunchers)).toEqual(new Set(['NotStarted', 'Unexpected', 'Cancelled']));
    expect(rows.map((row) => row.code).sort()).toEqual([...new Set([...ofAction, ...ofLaunchers])].sort());
    for (const { meaning, use } of rows) expect([meaning, use]).not.toContain('');
  });

  it('[O3] lists with each code the decisions that the sources combine with it', () => {
    expect(pairs.length).toBeGreaterThan(20);
    const missing = pairs.filter(([decision, word]) => !decisionsOf(word).includes(decision));
    expect(missing).toEqual([]);
  });

  it('[O3] lists Error with each code of a fault and of a script body', () => {
    for (const word of [...Object.values(faultEndings).map((ending) => ending.code), ...ofLaunchers]) {
      expect([word, ...decisionsOf(word)]).toContain('Error');
    }
  });

  it('[O3] lists only decisions that exist', () => {
    const known = ['NotRequired', 'Proceed', 'Ready', 'Pending', 'Stop', 'TimedOut', 'Error'];
    expect(new Set(rows.flatMap(({ decisions }) => decisions))).toEqual(new Set(known));
  });
});
