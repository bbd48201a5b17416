import { stepDecisionPattern, stepNumberPattern } from './variable-patterns.ts';
import type { Variables } from './variables.ts';

/** O3: steps of other authors may have an output variable of the same name. */
const decisions: ReadonlySet<string> = new Set([
  'notrequired',
  'proceed',
  'stop',
  'timedout',
  'error',
  'ready',
  'pending',
]);

/** What steps of this product left in their output variables, earlier in the same run. */
export interface EarlierSteps {
  readonly numbers: readonly { readonly variable: string; readonly value: string }[];
  /** One for each of these steps. */
  readonly decisions: readonly string[];
}

/** I8: only a step that left both a number and a decision of this product counts. */
export function readEarlierSteps(variables: Variables): EarlierSteps {
  const decisionOf = new Map(
    variables
      .family(stepDecisionPattern)
      .map(({ inner, value }) => [inner.toLowerCase(), value.trim()] as const)
      .filter(([, value]) => decisions.has(value.toLowerCase())),
  );
  const steps = variables
    .family(stepNumberPattern)
    .filter(({ inner, value }) => decisionOf.has(inner.toLowerCase()) && value.trim() !== '');
  return {
    numbers: steps.map(({ inner, value }) => ({
      variable: `${stepNumberPattern.prefix}${inner}${stepNumberPattern.suffix}`,
      value: value.trim(),
    })),
    decisions: steps.flatMap(({ inner }) => decisionOf.get(inner.toLowerCase()) ?? []),
  };
}
