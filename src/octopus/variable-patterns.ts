/** A family of names: a fixed beginning and end around a text that anyone may choose. */
export interface VariablePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** `Octopus.JiraServiceManagement.Field[<field id or field name>]`: a value for a field of the change request. */
export const fieldPattern: VariablePattern = {
  prefix: 'Octopus.JiraServiceManagement.Field[',
  suffix: ']',
};

/** The change request that a step earlier in the same run has found or created. */
export const stepNumberPattern: VariablePattern = {
  prefix: 'Octopus.Action[',
  suffix: '].Output.ChangeRequest.Number',
};

/** What a step earlier in the same run has decided. */
export const stepDecisionPattern: VariablePattern = {
  prefix: 'Octopus.Action[',
  suffix: '].Output.Decision',
};

export const variablePatterns: readonly VariablePattern[] = [
  fieldPattern,
  stepNumberPattern,
  stepDecisionPattern,
];

/**
 * The text between a pattern's ends (a field's name, a step's name), or undefined where the name is none of the
 * family. Octopus ignores the case of a variable's name, and so does this.
 */
export function matchPattern(pattern: VariablePattern, name: string): string | undefined {
  const { prefix, suffix } = pattern;
  if (name.length <= prefix.length + suffix.length) return undefined;
  const folded = name.toLowerCase();
  if (!folded.startsWith(prefix.toLowerCase()) || !folded.endsWith(suffix.toLowerCase())) return undefined;
  return name.slice(prefix.length, name.length - suffix.length);
}
