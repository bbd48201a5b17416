import { minify_sync as minify } from 'terser';
import { variableNames } from '../src/octopus/variable-names.ts';
import { variablePatterns } from '../src/octopus/variable-patterns.ts';

/** The launcher around the action for one shell, before the build fills in its placeholders. */
export interface Launcher {
  readonly shell: 'bash' | 'powershell';
  /** The launcher's source, with each placeholder, such as `'__BUNDLE__'`, exactly once. */
  readonly source: string;
}

/** The size limit of a script body (rule B1). */
export const bodyLimitBytes = 150_000;

/**
 * Returns the script of a step template: the launcher with the bundle, the loader that starts it in Node, and
 * the names of the variables to pass on.
 *
 * @param packed the bundle as `pack` encodes it
 * @param loader the source of the loader
 * @param operation the template's only operation; if empty, its parameter chooses the operation
 * @throws if the body would exceed a limit of B1
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

/** Lists in words how a script body breaks the limits of B1; empty if it does not. */
export function bodyProblems(body: string): string[] {
  const bytes = Buffer.byteLength(body);
  return [
    ...(/[^\x00-\x7f]/.test(body) ? ['contains non-ASCII characters'] : []),
    ...(body.includes('#{') ? ['contains #{, which Octopus would evaluate as an expression'] : []),
    ...(bytes >= bodyLimitBytes ? [`is ${bytes} bytes long, but must stay under ${bodyLimitBytes}`] : []),
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
 * Removes the comments, empty lines and indentation of a launcher, whose bytes the bundle may need. The
 * comment at the head stays: it says what the body does, for people who read it in Octopus. No string of a
 * launcher may span several lines.
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

/** Minifies the loader so that it can be quoted in both shells and on a Windows command line. */
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
