import { type Ended, ended, type Outcome } from '../domain/decision/outcome.ts';
import { isLink, type SuppliedNumber, suppliedNumber } from '../domain/issue-key.ts';
import { type Text, text } from '../domain/text.ts';
import type { GivenNumber } from '../octopus/earlier-steps.ts';
import { noAddress } from './site-parameters.ts';
import type { StepInput } from './step-input.ts';

const numberVariable = 'Octopus.JiraServiceManagement.ChangeRequest.Number';
const numberAlias = 'Octopus.JiraServiceManagement.ChangeRequest.IssueNumber';

export type ChosenNumber =
  /** The one key that all numbers name; undefined if none was given, or a link could not be read. */
  { readonly kind: 'key'; readonly key: string | undefined } | Ended;

/** L1, L4: reads the numbers that were supplied in the variable and its alias. */
export function readSuppliedNumbers(input: StepInput): readonly GivenNumber[] {
  return ([numberVariable, numberAlias] as const)
    .map((variable) => ({ variable, value: input.given(variable) }))
    .filter(({ value }) => value !== '');
}

/**
 * L1, L2, L4: returns the change request that all numbers name, or the outcome if they do not name one.
 * @param site undefined if its address is not known: what a link names is then not known either
 */
export function chooseNumber(sources: readonly GivenNumber[], site: URL | undefined): ChosenNumber {
  const readable = site === undefined ? sources.filter(({ value }) => !isLink(value)) : sources;
  const address = site ?? noAddress;
  const keys = new Set<string>();
  for (const source of readable) {
    const number = suppliedNumber(source.value, address);
    if (number.kind !== 'key') return ended(notANumber(source, number, address));
    keys.add(number.key);
  }
  if (keys.size > 1) {
    const list = sources.map(({ variable, value }) => `${value} in ${variable}`).join(', ');
    return ended(
      unusable(
        'L4',
        text`Different change requests are given: ${list}.`,
        text`Supply one number in ${numberVariable}.`,
      ),
    );
  }
  return { kind: 'key', key: readable.length === sources.length ? [...keys][0] : undefined };
}

function notANumber(
  { variable, value }: GivenNumber,
  number: Exclude<SuppliedNumber, { kind: 'key' }>,
  site: URL,
): Outcome {
  switch (number.kind) {
    case 'other-site':
      return unusable(
        'L2',
        text`${variable} is a link to ${number.host}, but the step's JSM site is ${site.host}.`,
        text`Supply the number of a change request on that site, such as CHG-123.`,
      );
    case 'two-keys':
      return unusable(
        'L2',
        text`${variable} is a link that names two change requests: ${number.keys.join(' and ')}.`,
        text`Supply the number of the one that covers this deployment.`,
      );
    case 'not-a-key':
      return unusable(
        'L2',
        text`${variable} is "${value}", which is not a change request number.`,
        text`A number looks like CHG-123: the key of a Jira project, a hyphen and digits. You can also paste a link to the change request.`,
      );
  }
}

function unusable(rule: string, reason: Text, advice: Text): Outcome {
  return { verdict: 'Stop', code: 'InputInvalid', rule, reason, advice };
}
