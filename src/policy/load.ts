import type { Policy } from './policy.ts';
import { schemaErrors } from './policy-validator.js';
import { type Finding, type PolicyProblem, readablePath, showExcept } from './problem.ts';
import { ruleFindings } from './rules.ts';
import { secretMessage, tokensIn } from './secrets.ts';
import { shapeFindings, unknownKeys } from './shape.ts';
import { type PolicySource, readSource } from './source.ts';
import { policyOf, type WrittenPolicy } from './written-policy.ts';

type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/**
 * Parses the text of a policy. Returns the policy with its defaults, or all its problems in the order of
 * their lines; if the text is not YAML, only the first fault. It never throws, and no problem shows a secret.
 */
export function loadPolicy(text: string): PolicyResult {
  const source = readSource(text.replace(/^\uFEFF/, ''));
  if ('fault' in source) return { ok: false, problems: [source.fault] };
  const problems = problemsIn(source);
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, policy: policyOf(source.value as WrittenPolicy) };
}

/** Returns all problems of a policy, in the order of their lines. */
function problemsIn(source: PolicySource): readonly PolicyProblem[] {
  const { scalars, places, positionOf } = source;
  const errors = schemaErrors(source.value);
  const unknown = new Set(unknownKeys(errors));
  const isUnknown = (pointer: string): boolean =>
    pointer !== '' && (unknown.has(pointer) || isUnknown(parentOf(pointer)));
  const show = showExcept(scalars.filter(({ pointer }) => isUnknown(pointer)).map(({ text }) => text.trim()));
  const offsetOf = (pointer: string, at: Finding['at'] = 'value'): number => {
    const place = places.get(pointer);
    // A missing value is reported where its parent begins.
    if (!place) return pointer === '' ? 0 : offsetOf(parentOf(pointer));
    return at === 'key' ? (place.key ?? place.value) : place.value;
  };
  const lineOf = (pointer: string) => positionOf(offsetOf(pointer)).line;
  const findings = firstOfEachValue([
    scalars
      .filter(({ text }) => tokensIn(text).length > 0)
      .map(({ pointer }) => ({ pointer, at: 'value', message: secretMessage })),
    source.findings,
    shapeFindings(errors, source, show),
    ruleFindings(source, { lineOf, show }),
  ]);
  // Y7: neither the value of an unknown key is shown nor the keys inside it.
  const visible = (pointer: string): string =>
    isUnknown(parentOf(pointer)) ? visible(parentOf(pointer)) : pointer;
  const isShown = ({ pointer, at, message }: Finding) =>
    message === secretMessage || (unknown.has(pointer) ? at === 'key' : !isUnknown(pointer));
  return [
    ...findings.filter(isShown).map(({ pointer, at, message }) => {
      return { offset: offsetOf(pointer, at), path: readablePath(visible(pointer), show), message };
    }),
    ...[...source.lostExpressions].map(([offset, expression]) => {
      return { offset, path: '', message: lostMessage(expression) };
    }),
    ...strayTokens(source).map((offset) => ({ offset, path: '', message: secretMessage })),
  ]
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, path, message }) => ({ ...positionOf(offset), path, message }));
}

/** Keeps only the findings of the first stage that has any about a value. */
function firstOfEachValue(stages: readonly (readonly Finding[])[]): readonly Finding[] {
  const settled = new Set<string>();
  return stages.flatMap((stage) => {
    const fresh = stage.filter(({ pointer, at }) => at === 'key' || !settled.has(pointer));
    for (const { pointer, at } of fresh) if (at === 'value') settled.add(pointer);
    return fresh;
  });
}

function lostMessage(expression: string): string {
  return `${expression} was not resolved, and YAML reads it as a comment. Check the Octopus variable that it names, and its scope.`;
}

/** Returns the offsets of tokens in comments. */
function strayTokens({ text, scalars, places }: PolicySource): readonly number[] {
  const known = [...scalars.map((scalar) => scalar.text), ...places.keys()];
  return tokensIn(text).flatMap(({ index, token }) =>
    known.some((each) => each.includes(token)) ? [] : [index],
  );
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}
