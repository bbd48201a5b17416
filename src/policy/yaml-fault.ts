/**
 * What a fault that the yaml package found means for the author. The package's own message is not shown: it
 * may hold a piece of the text, and so a secret.
 *
 * @param mark the character at which it was found
 */
export function yamlFault(code: string, mark: string): { message: string; structural: boolean } {
  const local = (message: string) => ({ message, structural: false });
  const structural = (message: string) => ({ message, structural: true });
  switch (code) {
    case 'BAD_ALIAS':
      return local('A value cannot begin with * unless it is in quotes. For "any other" write "*".');
    case 'BAD_SCALAR_START':
      return local(`A value cannot begin with ${mark} unless it is in quotes.`);
    case 'BAD_DQ_ESCAPE':
      return local(
        'A backslash in double quotes begins an escape, and this is none. Double it, or use single quotes.',
      );
    case 'TAG_RESOLVE_FAILED':
      return local(
        'A value cannot begin with ! unless it is in quotes: that would be a YAML tag, and none is known here.',
      );
    case 'BAD_DIRECTIVE':
      return local('A YAML directive. Expected none.');
    case 'NON_STRING_KEY':
      return local('Expected a word as the key. A value that begins with { or [ must be in quotes.');
    case 'MISSING_CHAR':
      return structural(
        'Something is missing here: a colon and a blank after a key, or a closing quote or bracket.',
      );
    case 'MULTILINE_IMPLICIT_KEY':
      return structural('Expected a key, a colon and a blank before its value, all on one line.');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return structural('A second key within a value. Put a value that holds a colon and a blank in quotes.');
    case 'BAD_INDENT':
      return structural(
        'The indentation fits nothing above it. Entries of one list or level begin in the same column.',
      );
    default:
      return structural(
        'This does not fit here. Put a value that holds quotes, brackets or marks in quotes as a whole.',
      );
  }
}
