/** Values that a careless script would change; each must reach the action unchanged. */
export const nastyValues = {
  'quotes of both kinds': `it's a "change"`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's own way to write a variable
  'a command': '$(touch pwned) `touch pwned` ${HOME} $HOME !!',
  backslashes: 'C:\\new\\table \\\\server\\share \\',
  'line ends within': 'one\ntwo\r\nthree\rfour',
  'line ends at its end': 'text\n\n\n',
  'nothing but line ends': '\n\n',
  blanks: '  two before, two after  \t',
  'what looks like an option': '-n -e --version',
  patterns: '* ? [a-z] {a,b} ~ & | ; < > ( ) #',
  percents: '%s %d %n %%',
  'another script': 'Привет, 世界, שלום, naïve, 🚀 e\u0301',
  'a byte order mark and invisible characters': '\uFEFFa\u200Bb\u202Ec\u0001d\u001Be',
  'a service message': "##octopus[setVariable name='eA==' value='eQ==']",
  'an expression': '#{Octopus.Project.Name}',
  'a single dot': '.',
  'an equals sign': 'a=b=c',
  '300 kB': `${'0123456789'.repeat(30_000)}\n`,
  nothing: '',
} as const satisfies Record<string, string>;
