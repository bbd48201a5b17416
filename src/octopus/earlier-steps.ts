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

/** R1: what only a `Request` decides. */
const requestDecisions: ReadonlySet<string> = new Set(['ready', 'pending']);

/** The number of a change request as it was given, and the variable that it is in. */
export interface GivenNumber {
  readonly variable: string;
  readonly value: string;
}

/** What steps of this product left in their output variables, earlier in the same run. */
export interface EarlierSteps {
  /** L4: those of gates and verifies; those of requests if there are none of these. */
  readonly numbers: readonly GivenNumber[];
  /** L4: those of requests, as long as no gate or verify has left one. */
  readonly requested: readonly GivenNumber[];
  /** One for each step that left a number. */
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
