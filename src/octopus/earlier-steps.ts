import { stepDecisionPattern, stepNumberPattern } from './variable-patterns.ts';
import type { Variables } from './variables.ts';

/** O3: the decisions of this product. Steps of other authors may have an output variable of the same name. */
const decisions: ReadonlySet<string> = new Set([
  'notrequired',
  'proceed',
  'stop',
  'timedout',
  'error',
  'ready',
  'pending',
]);

/** R1: the decisions that only a `Request` makes. */
const requestDecisions: ReadonlySet<string> = new Set(['ready', 'pending']);

/** A change request number as it was given, and the variable that contains it. */
export interface GivenNumber {
  readonly variable: string;
  readonly value: string;
}

/** The output variables of this product's earlier steps in the same run. */
export interface EarlierSteps {
  /** L4: the numbers that gates and verifies left; if there are none, those that requests left. */
  readonly numbers: readonly GivenNumber[];
  /** L4: the numbers that requests left, unless a gate or verify has left one. */
  readonly requested: readonly GivenNumber[];
  /** One decision for each step that left a number. */
  readonly decisions: readonly string[];
}

/** I8: reads what earlier steps left. Only steps that left both a number and a known decision count. */
export function readEarlierSteps(variables: Variables): EarlierSteps {
  const decisionOf = new Map(
    variables
      .family(stepDecisionPattern)
      .map(({ inner, value }) => [inner.toLowerCase(), value.trim()] as const)
      .filter(([, value]) => decisions.has(value.toLowerCase())),
  );
  const steps = variables.family(stepNumberPattern).flatMap(({ inner, value }) => {
    const decision = decisionOf.get(inner.toLowerCase());
    if (decision === undefined || value.trim() === '') return [];
    const variable = `${stepNumberPattern.prefix}${inner}${stepNumberPattern.suffix}`;
    return [{ decision, number: { variable, value: value.trim() } }];
  });
  const numbersOf = (areRequests: boolean): readonly GivenNumber[] =>
    steps
      .filter(({ decision }) => requestDecisions.has(decision.toLowerCase()) === areRequests)
      .map(({ number }) => number);
  const [requests, others] = [numbersOf(true), numbersOf(false)];
  return {
    numbers: others.length > 0 ? others : requests,
    requested: others.length > 0 ? [] : requests,
    decisions: steps.map(({ decision }) => decision),
  };
}
