import type { Policy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';
import { problemsIn } from './problems.ts';
import { readSource } from './source.ts';
import { policyOf, type WrittenPolicy } from './written-policy.ts';

export type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/**
 * Reads the text of a policy: the policy with its defaults, or all that is wrong with the text, in the order
 * of its lines. Nothing in a text makes it throw, and no problem shows a secret.
 */
export function loadPolicy(text: string): PolicyResult {
  const source = readSource(text);
  const problems = problemsIn(source);
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, policy: policyOf(source.trees[0].value as WrittenPolicy) };
}
