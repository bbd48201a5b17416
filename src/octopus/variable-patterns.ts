import { foldedName } from './variable-names.ts';

/** A family of names: a fixed beginning and end around a text that anyone may choose. */
export interface VariablePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** `Octopus.JiraServiceManagement.Field[<field id or name>]`: a value for a field of the change request. */
export const fieldPattern: VariablePattern = { prefix: 'Octopus.JiraServiceManagement.Field[', suffix: ']' };

/** `Octopus.JiraServiceManagement.TransitionField[<field id or name>]`: a value for a transition's screen. */
export const transitionFieldPattern: VariablePattern = {
  prefix: 'Octopus.JiraServiceManagement.TransitionField[',
  suffix: ']',
};

/** `JsmChange.Token[<anything>]`: the secret of one of a policy's connections. */
export const tokenPattern: VariablePattern = { prefix: 'JsmChange.Token[', suffix: ']' };

/** The change request that an earlier step of the same run found or created. */
export const stepNumberPattern: VariablePattern = {
  prefix: 'Octopus.Action[',
  suffix: '].Output.ChangeRequest.Number',
};

/** The decision of an earlier step of the same run. */
export const stepDecisionPattern: VariablePattern = {
  prefix: 'Octopus.Action[',
  suffix: '].Output.Decision',
};

export const variablePatterns: readonly VariablePattern[] = [
  fieldPattern,
  transitionFieldPattern,
  tokenPattern,
  stepNumberPattern,
  stepDecisionPattern,
];

/**
 * Returns the text between a pattern's ends (the name of a field or a step), or undefined if the name does
 * not match. Octopus ignores the case of variable names, and so does this function: that of ASCII letters,
 * like the launchers.
 */
export function matchPattern(pattern: VariablePattern, name: string): string | undefined {
  const { prefix, suffix } = pattern;
  if (name.length <= prefix.length + suffix.length) return undefined;
  const folded = foldedName(name);
  if (!folded.startsWith(foldedName(prefix)) || !folded.endsWith(foldedName(suffix))) return undefined;
  return name.slice(prefix.length, name.length - suffix.length);
}
