import type { TaskLog } from '../app/ports.ts';
import type { NotRequiredReason } from '../domain/approval-scope.ts';
import type { Outcome } from '../domain/outcome.ts';
import { join, text } from '../domain/text.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import type { PolicyNotRequired, PolicyStop } from '../policy/resolve.ts';
import type { InputProblem } from './input-problems.ts';

/** Every wrong parameter at once: each on a line of its own in the log, all of them in the reason. */
export function inputProblems(problems: readonly InputProblem[], log: TaskLog): Outcome {
  for (const { variable, message } of problems) log.warning(text`${variable} ${message}`);
  return {
    verdict: 'Error',
    reason: join(
      [
        text`The step's input is not usable: `,
        join(
          problems.map(({ variable, message }) => text`${variable} ${message}`),
          ' ',
        ),
      ],
      '',
    ),
    advice: text`Correct it in the step's parameters or the project's variables, and deploy again.`,
  };
}

const notRequiredWords: Readonly<Record<NotRequiredReason | PolicyNotRequired['reason'], string>> = {
  'project-not-controlled': 'the project is not change controlled',
  'environment-not-controlled': 'the environment is not change controlled',
  'runbook-not-controlled': 'the runbook is not change controlled',
  disabled: 'the policy is switched off (enabled: false)',
  'project-unlisted': 'no entry of the policy names the project',
  'environment-unlisted': 'no entry of the policy names the environment',
};

/** S1 to S3 */
export function notRequired(reason: keyof typeof notRequiredWords): Outcome {
  return { verdict: 'NotRequired', reason: text`No approval is required: ${notRequiredWords[reason]}.` };
}

/**
 * All that is wrong with the policy: each with its place, on a line of its own in the log.
 * @param others what is wrong with the input beside it
 */
export function policyProblems(
  problems: readonly PolicyProblem[],
  others: readonly InputProblem[],
  log: TaskLog,
): Outcome {
  const shown = problems.map(({ line, column, path, message }) =>
    path === ''
      ? text`line ${line}, column ${column}: ${message}`
      : text`line ${line}, column ${column} (${path}): ${message}`,
  );
  for (const problem of shown) log.warning(text`JsmChange.Policy, ${problem}`);
  const reason = text`The policy in JsmChange.Policy is not usable: ${join(shown, ' ')}`;
  return {
    verdict: 'Error',
    reason: others.length === 0 ? reason : text`${reason} ${inputProblems(others, log).reason}`,
    advice: text`Correct the policy, and deploy again.`,
  };
}

/** `unlisted: stop` */
export function unlisted(reason: PolicyStop['reason']): Outcome {
  return {
    verdict: 'Stop',
    reason: text`The policy stops what it does not list, and ${notRequiredWords[reason]}.`,
    advice: text`Add an entry to JsmChange.Policy.`,
  };
}
