import type { Policy } from './policy.ts';
import { schemaErrors } from './policy-validator.js';
import { type Finding, type PolicyProblem, readablePath, showExcept } from './problem.ts';
import { ruleFindings } from './rules.ts';
import { secretMessage, tokensIn } from './secrets.ts';
import { shapeFindings, unknownKeys } from './shape.ts';
import { type PolicySource, readSource } from './source.ts';
import { policyOf } from './written-policy.ts';

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
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy: policyOf(source.value) };
}

/** Returns all problems of a policy, in the order of their lines. */
function problemsIn(source: PolicySource): readonly PolicyProblem[] {
  const { scalars, places, positionOf } = source;
  const errors = schemaErrors(source.value);
  const unknown = new Set(unknownKeys(errors));
  /** Returns the unknown key at or around a place; empty if there is none. */
  const unknownAt = (pointer: string): string =>
    pointer === '' || unknown.has(pointer) ? pointer : unknownAt(parentOf(pointer));
  const hidden = scalars.filter(({ pointer }) => unknownAt(pointer) !== '');
  const show = showExcept(hidden.map(({ text }) => text.trim()));
  const offsetOf = (pointer: string, ofKey = false): number => {
    const place = places.get(pointer);
    // A missing value is reported where its parent begins.
    if (!place) return offsetOf(parentOf(pointer));
    return ofKey ? place.keyOffset : place.offset;
  };
  const lineOf = (pointer: string) => positionOf(offsetOf(pointer)).line;
  const findings = firstOfEachValue([
    scalars
      .filter(({ text }) => tokensIn(text).length > 0)
      .map(({ pointer }) => ({ pointer, message: secretMessage })),
    source.findings,
    shapeFindings(errors, source, show),
    ruleFindings(source, { lineOf, show }),
  ]);
  const located = findings.flatMap(({ pointer, ofKey, message }) => {
    const around = unknownAt(pointer);
    // Y7: neither the value of an unknown key is shown nor the keys inside it.
    const isHidden = around !== '' && !(ofKey && around === pointer) && message !== secretMessage;
    const path = readablePath(around || pointer, show);
    return isHidden ? [] : { offset: offsetOf(pointer, ofKey), path, message };
  });
  return [...located, ...source.inComments.map((finding) => ({ ...finding, path: '' }))]
    .sort((a, b) => a.offset - b.offset)
    .map(({ offset, path, message }) => ({ ...positionOf(offset), path, message }));
}

/** Keeps only the findings of the first stage that has any about a value. */
function firstOfEachValue(stages: readonly (readonly Finding[])[]): readonly Finding[] {
  const settled = new Set<string>();
  return stages.flatMap((stage) => {
    const fresh = stage.filter(({ pointer, ofKey }) => ofKey || !settled.has(pointer));
    for (const { pointer, ofKey } of fresh) if (!ofKey) settled.add(pointer);
    return fresh;
  });
}

function parentOf(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'));
}
