import { type SuppliedNumber, suppliedNumber } from '../domain/issue-key.ts';
import type { Outcome } from '../domain/outcome.ts';
import { text } from '../domain/text.ts';

/** A number, and the variable that it was found in. */
export interface NumberSource {
  readonly variable: string;
  readonly value: string;
}

export type ChosenNumber =
  /** The one key that all of them name; undefined when none was given. */
  | { readonly kind: 'key'; readonly key: string | undefined }
  | { readonly kind: 'ended'; readonly outcome: Outcome };

/** L1, L2, L4: the change request that the numbers name together, or why they don't. */
export function chooseNumber(sources: readonly NumberSource[], site: URL): ChosenNumber {
  const keys = new Set<string>();
  for (const { variable, value } of sources) {
    const number = suppliedNumber(value, site);
    if (number.kind !== 'key')
      return { kind: 'ended', outcome: notANumber({ variable, value }, number, site) };
    keys.add(number.key);
  }
  if (keys.size > 1) {
    const list = sources.map(({ variable, value }) => `${value} in ${variable}`).join(', ');
    return {
      kind: 'ended',
      outcome: {
        verdict: 'Stop',
        reason: text`Different change requests are given: ${list}.`,
        advice: text`Supply one number in Octopus.JiraServiceManagement.ChangeRequest.Number.`,
      },
    };
  }
  return { kind: 'key', key: [...keys][0] };
}

function notANumber(
  { variable, value }: NumberSource,
  number: Exclude<SuppliedNumber, { kind: 'key' }>,
  site: URL,
): Outcome {
  if (number.kind === 'other-site') {
    return {
      verdict: 'Stop',
      reason: text`${variable} is a link to ${number.host}, and the step's JSM site is ${site.host}.`,
      advice: text`Supply the number of a change request of that site; it looks like CHG-123.`,
    };
  }
  if (number.kind === 'two-keys') {
    return {
      verdict: 'Stop',
      reason: text`${variable} is a link that names two change requests: ${number.keys.join(' and ')}.`,
      advice: text`Supply the number of the one that covers this deployment.`,
    };
  }
  return {
    verdict: 'Stop',
    reason: text`${variable} is "${value}", which is no number of a change request.`,
    advice: text`A number looks like CHG-123: the key of a Jira project, a hyphen and digits. A link to the change request will do as well.`,
  };
}
