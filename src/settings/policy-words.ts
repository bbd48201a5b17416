import type { ParameterName } from '../octopus/parameters.ts';
import { shownName } from './input-problem.ts';

/** The places in a policy that replace these parameters. */
const places = {
  'JsmChange.BaseUrl': 'baseUrl in the policy',
  'JsmChange.Username': 'username in the policy',
  'JsmChange.ServiceProject': 'serviceProject in the policy',
  'JsmChange.RequestType': 'requestType in the policy',
  'JsmChange.ProceedStatuses': 'states.proceed in the policy',
  'JsmChange.WaitStatuses': 'states.wait in the policy',
  'JsmChange.PlannedStartField': 'plannedStart in the policy',
  'JsmChange.PlannedEndField': 'plannedEnd in the policy',
  'JsmChange.AllowedProjects': 'allowedProjects in the policy',
  'JsmChange.SuppliedMustMention': 'suppliedMustMention in the policy',
  'JsmChange.ApprovalCheck': 'approvalCheck in the policy',
} as const satisfies Partial<Record<ParameterName, string>>;

/** The words by which a message that covers both cases adds the places in a policy to the parameters. */
const inAPolicy = /, or \w+(?: (?:and|or) \w+)? in a policy/g;

/**
 * M2: returns a function that rewords messages under a policy. They then name the place in the policy instead
 * of the parameter that it replaces, because that parameter has no effect.
 * @param tokenVariable the variable that contains the secret of the policy's connection
 */
export function policyWords(tokenVariable: string): (text: string) => string {
  const replaced: readonly (readonly [string, string])[] = [
    [shownName('JsmChange.Token'), tokenVariable],
    ...Object.entries(places).map(([name, place]) => [shownName(name), place] as const),
  ];
  return (text) =>
    replaced.reduce((result, [from, to]) => result.replaceAll(from, to), text.replaceAll(inAPolicy, ''));
}
