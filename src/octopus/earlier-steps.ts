import { gateDecisionPattern, gateNumberPattern } from './variable-patterns.ts';
import type { Variables } from './variables.ts';

/** I8: steps of other authors may have an output variable of that name, too. */
const gateDecisions: ReadonlySet<string> = new Set(['notrequired', 'proceed', 'stop', 'timedout', 'error']);

/** What gates and verifies earlier in the same run have left in their output variables. */
export interface EarlierGates {
  readonly numbers: readonly { readonly variable: string; readonly value: string }[];
  /** One for each of them. */
  readonly decisions: readonly string[];
}

export function earlierGates(variables: Variables): EarlierGates {
  const numbers = variables
    .family(gateNumberPattern)
    .map(({ inner, value }) => ({
      variable: `${gateNumberPattern.prefix}${inner}${gateNumberPattern.suffix}`,
      value: value.trim(),
    }))
    .filter(({ value }) => value !== '');
  const decisions = variables
    .family(gateDecisionPattern)
    .map(({ value }) => value.trim())
    .filter((value) => gateDecisions.has(value.toLowerCase()));
  return { numbers, decisions };
}
