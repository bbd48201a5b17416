import type { TaskLog } from '../app/ports.ts';
import type { Outcome } from '../domain/decision/outcome.ts';
import { join, text } from '../domain/text.ts';
import { describeProblem, type PolicyProblem } from '../policy/problem.ts';
import type { PolicyResolution, PolicyRun } from '../policy/resolve.ts';
import { type InputProblem, shownName, shownProblem } from './input-problem.ts';

/** I3: returns the outcome for invalid input. Each problem has a line in the log; the reason has them all. */
export function inputRefused(problems: readonly InputProblem[], log: TaskLog): Outcome {
  const shown = problems.map(shownProblem);
  for (const line of shown) log.warning(line);
  return {
    verdict: 'Error',
    code: 'InputInvalid',
    rule: 'I3',
    reason: text`The step's input is invalid: ${join(shown, ' ')}`,
    advice: text`Correct it in the step's parameters or the project's variables, and try again.`,
  };
}

/** Y7: returns the outcome for an invalid policy: its problems with their places, and any others. */
export function policyRefused(
  problems: readonly PolicyProblem[],
  others: readonly InputProblem[],
  log: TaskLog,
): Outcome {
  if (problems.length === 0) return inputRefused(others, log);
  const shown = problems.map((problem) => text`${describeProblem(problem)}`);
  for (const problem of shown) log.warning(text`${shownName('JsmChange.Policy')}, ${problem}`);
  const reason = text`The policy in ${shownName('JsmChange.Policy')} is invalid: ${join(shown, ' ')}`;
  return {
    verdict: 'Error',
    code: 'InputInvalid',
    rule: 'Y7',
    reason: others.length === 0 ? reason : text`${reason} ${inputRefused(others, log).reason}`,
    advice: text`Correct the policy, and try again.`,
  };
}

type Unresolved = Exclude<PolicyResolution, { kind: 'required' }>['reason'];

/** The rule and the words for each reason. */
const notRequiredBy: Readonly<Record<Unresolved, { readonly rule: string; readonly why: string }>> = {
  'project-not-controlled': { rule: 'S1', why: 'the project is not change controlled' },
  'environment-not-controlled': { rule: 'S1', why: 'the environment is not change controlled' },
  'runbook-not-controlled': { rule: 'S2', why: 'the runbook is not change controlled' },
  disabled: { rule: 'S3', why: 'the policy is switched off (enabled: false)' },
  'project-unlisted': { rule: 'Y3', why: 'the policy has no entry for the project' },
  'environment-unlisted': { rule: 'Y3', why: 'the policy has no entry for the environment' },
};

/** S1 to S3, Y3: returns the outcome if no approval is required; it names what the policy does not list. */
export function notRequired(reason: Unresolved, names?: PolicyRun): Outcome {
  const name = unlistedName(reason, names);
  const { rule, why } = notRequiredBy[reason];
  const its = name === undefined ? text`` : text` "${name}"`;
  return {
    verdict: 'NotRequired',
    code: 'NotChangeControlled',
    rule,
    reason: text`No approval is required: ${why}${its}.`,
  };
}

/** Y3: returns the outcome for `unlisted: stop`. */
export function unlisted(reason: Unresolved, names: PolicyRun): Outcome {
  return {
    verdict: 'Stop',
    code: 'NotAllowed',
    rule: 'Y3',
    reason: text`The policy blocks what it does not list (unlisted: stop), and ${notRequiredBy[reason].why} "${unlistedName(reason, names) ?? ''}".`,
    advice: text`Add an entry to ${shownName('JsmChange.Policy')}.`,
  };
}

function unlistedName(reason: Unresolved, names: PolicyRun | undefined): string | undefined {
  if (reason === 'project-unlisted') return names?.project;
  return reason === 'environment-unlisted' ? names?.environment : undefined;
}
