import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policyWords } from '../../src/settings/policy-words.ts';

/** Every message in the source that covers a policy as well as the parameters. */
const messages = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) => readFileSync(`src/${path}`, 'utf8').match(/\btext`[^`]* in a policy\b[^`]*`/g) ?? []);

describe('the words of messages under a policy', () => {
  it.each([
    ['one parameter', /\), or \w+ in a policy/],
    ['one parameter in brackets', /, or \w+ in a policy\)/],
    ['two parameters', /, or \w+ and \w+ in a policy/],
    ['either of two parameters', /, or \w+ or \w+ in a policy/],
  ])('are tested for messages with %s', (_what, form) => {
    expect(messages.some((message) => form.test(message))).toBe(true);
  });

  it('[M2] name each place in the policy once, and no parameter', () => {
    const reworded = messages.map(policyWords('JsmChange.Token[Acme]'));
    expect(reworded.filter((words) => /in a policy|JsmChange\./.test(words))).toEqual([]);
    const places = reworded.map((words) => words.match(/\w+ in the policy/g) ?? []);
    expect(places.filter((each) => each.length === 0 || new Set(each).size < each.length)).toEqual([]);
  });

  it('[M2] leave other text alone', () => {
    const other = 'The status is "Done, or so", and nothing is in a policy.';
    expect(policyWords('JsmChange.Token')(other)).toBe(other);
  });
});
