import type { Policy } from './policy.ts';
import { problemsIn } from './policy-check.ts';
import type { PolicyProblem } from './problem.ts';
import { readSource } from './source.ts';
import { policyOf, type WrittenPolicy } from './written-policy.ts';

type PolicyResult =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/**
 * Reads the text of a policy: the policy with its defaults, or all that is wrong with it in the order of the lines; of a
 * text that is not YAML, the first fault. It never throws, and no problem shows a secret.
 */
export function loadPolicy(text: string): PolicyResult {
  const source = readSource(text.replace(/^\uFEFF/, ''));
  const problems = 'fault' in source ? [source.fault] : problemsIn(source);
  return problems.length > 0 || 'fault' in source
    ? { ok: false, problems }
    : { ok: true, policy: policyOf(source.value as WrittenPolicy) };
}
