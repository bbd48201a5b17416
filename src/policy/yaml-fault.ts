/** What YAML faults mean for the author. The yaml package's own messages may quote a part of the text. */
const messages: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'A value cannot begin with * unless it is in quotes. For "any other" write "*".',
  BAD_SCALAR_START: 'A value cannot begin with this character unless it is in quotes.',
  BAD_DQ_ESCAPE: 'Unknown escape. In double quotes, double each backslash, or use single quotes.',
  TAG_RESOLVE_FAILED: 'A value cannot begin with ! unless it is in quotes; that would be a YAML tag.',
  BAD_DIRECTIVE: 'Unexpected YAML directive.',
  NON_STRING_KEY: 'Expected a word as the key. Put a value that begins with { or [ in quotes.',
  TAB_AS_INDENT: 'Unexpected tab. YAML is indented with spaces.',
  MISSING_CHAR: 'Something is missing here: a colon and a space after a key, or a closing quote or bracket.',
  MULTILINE_IMPLICIT_KEY: 'Expected a key, a colon and a space before its value, all on one line.',
  BLOCK_AS_IMPLICIT_KEY: 'A second key in a value. Put a value that contains a colon and a space in quotes.',
  BAD_INDENT: 'Wrong indentation. Entries of one list or level begin in the same column.',
  MULTIPLE_DOCS: 'A second YAML document begins here. Expected only one: remove it.',
  RESOURCE_EXHAUSTION: 'Too many levels.',
};

export function yamlFault(code: string): string {
  const other =
    'Unexpected here. Put a value that contains quotes, brackets or other special characters in quotes.';
  return messages[code] ?? other;
}
