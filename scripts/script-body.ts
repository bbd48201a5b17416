import { minify_sync as minify } from 'terser';
import { variableNames } from '../src/octopus/variable-names.ts';
import { variablePatterns } from '../src/octopus/variable-patterns.ts';

/** A script body around the action: the shell it is for, and its launcher with what the build fills in left open. */
export interface Launcher {
  readonly shell: 'bash' | 'powershell';
  /** The launcher's source; each placeholder, such as `'__BUNDLE__'`, is in it once. */
  readonly source: string;
}

/** The most that a script body may measure (rule B1). */
export const bodyLimitBytes = 150_000;

/**
 * The text that is in a step template: the launcher with the bundle, the loader that starts it inside Node, and
 * the names of the variables to hand over.
 *
 * @param packed the bundle as `pack` gives it
 * @param loader the source of the loader
 * @param operation the only one that the template has; empty: the one that its parameter says
 * @throws when the body would break one of the limits of B1
 */
export function scriptBody(launcher: Launcher, packed: string, loader: string, operation = ''): string {
  const source = shortened(launcher.source);
  const started = minified(loader);
  const body =
    launcher.shell === 'bash'
      ? fill(source, {
          "'__NAMES__'": bashWords(variableNames),
          "'__PATTERN_ENDS__'": bashWords(variablePatterns.flatMap(({ prefix, suffix }) => [prefix, suffix])),
          "'__LOADER__'": bashQuote(started),
          "'__BUNDLE__'": bashQuote(packed),
          "'__OPERATION__'": bashQuote(operation),
        })
      : fill(source, {
          "'__NAMES__'": powershellQuote(variableNames.join(' ')),
          "'__PATTERNS__'": powershellQuote(
            variablePatterns.map(({ prefix, suffix }) => `${prefix}*${suffix}`).join(' '),
          ),
          "'__LOADER__'": powershellQuote(started),
          "'__BUNDLE__'": powershellQuote(packed),
          "'__OPERATION__'": powershellQuote(operation),
        });
  const problems = bodyProblems(body);
  if (problems.length > 0) throw new Error(`The ${launcher.shell} body ${problems.join(', and ')}.`);
  return body;
}

/** What keeps a text from being a script body, in words; none when all is well. */
export function bodyProblems(body: string): string[] {
  const bytes = Buffer.byteLength(body);
  return [
    ...(/[^\x00-\x7f]/.test(body) ? ['contains characters beyond ASCII'] : []),
    ...(body.includes('#{') ? ['contains #{, which Octopus would evaluate as an expression'] : []),
    ...(bytes >= bodyLimitBytes ? [`measures ${bytes} bytes, and must stay under ${bodyLimitBytes}`] : []),
  ];
}

function fill(source: string, placeholders: Readonly<Record<string, string>>): string {
  let filled = source;
  for (const [placeholder, text] of Object.entries(placeholders)) {
    const [before, after, ...more] = filled.split(placeholder);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`The launcher must contain ${placeholder} once.`);
    }
    filled = before + text + after;
  }
  return filled;
}

/**
 * A launcher without its comments, its empty lines and its indentation, which cost what the action may need. Who reads
 * the body in Octopus finds at its head what it does. No text of a launcher may go over several lines.
 */
function shortened(source: string): string {
  const [head = ''] = /^(?:#.*\n)*/.exec(source) ?? [];
  const lines = source
    .slice(head.length)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^# (?!shellcheck )/.test(line));
  return `${head}${lines.join('\n')}`;
}

/** The loader as it travels, in quotes of both shells and of a command line of Windows. */
function minified(loader: string): string {
  const { code = '' } = minify(loader, {
    toplevel: true,
    ecma: 2020,
    format: { ascii_only: true, quote_style: 1, semicolons: true },
  });
  if (/["\\\n]/.test(code))
    throw new Error('The loader must contain neither a double quote nor a backslash.');
  return code;
}

function bashQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function bashWords(words: readonly string[]): string {
  return `\n${words.map(bashQuote).join('\n')}\n`;
}

function powershellQuote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
