import type { FieldSetting } from '../app/ports.ts';
import { text } from '../domain/text.ts';
import { fieldPattern, transitionFieldPattern, type VariablePattern } from '../octopus/variable-patterns.ts';
import { type StepInput, unresolved, unresolvedExpression } from './step-input.ts';

interface ChangeRequestFields {
  /** L7: the title that replaces the default title; undefined if none is set. */
  readonly title: string | undefined;
  readonly fields: readonly FieldSetting[];
}

/** Whether a value contains a form of a secret (X3). */
type SecretCheck = (value: string) => boolean;

/** Reads the `Field[...]` variables that have a value. */
export function readFields(input: StepInput, containsSecret: SecretCheck): ChangeRequestFields {
  const all = readFamily(fieldPattern, input, containsSecret);
  const isTitle = ({ field }: FieldSetting): boolean => field.toLowerCase() === 'summary';
  return { title: all.find(isTitle)?.value, fields: all.filter((setting) => !isTitle(setting)) };
}

/** V2: reads the `TransitionField[...]` variables that have a value. */
export function readTransitionFields(input: StepInput, containsSecret: SecretCheck): readonly FieldSetting[] {
  return readFamily(transitionFieldPattern, input, containsSecret);
}

function readFamily(
  pattern: VariablePattern,
  input: StepInput,
  containsSecret: SecretCheck,
): readonly FieldSetting[] {
  const byName = new Map<string, FieldSetting>();
  for (const setting of input.variables.fields(pattern)) {
    const variable = `${pattern.prefix}${setting.field}${pattern.suffix}`;
    const folded = setting.field.toLowerCase();
    const known = byName.get(folded);
    if (known !== undefined && known.value !== setting.value) {
      input.note(variable, text`is set twice, with different values.`);
    }
    // L15: an expression that Octopus could not resolve would become part of the change request.
    const expression = unresolvedExpression(setting.value);
    if (containsSecret(setting.value)) {
      input.note(
        variable,
        text`contains a token of a JSM account or the Octopus API key; anyone who sees the change request would see it.`,
      );
    } else if (expression !== undefined) {
      input.note(variable, unresolved(expression));
    }
    byName.set(folded, setting);
  }
  return [...byName.values()];
}
