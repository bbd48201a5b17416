import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { variableNames } from '../src/octopus/variable-names.ts';
import { variablePatterns } from '../src/octopus/variable-patterns.ts';

/** A script body around the action: the shell it is for, and its launcher with what the build fills in left open. */
export interface Launcher {
  readonly shell: 'bash' | 'powershell';
  /** The launcher's source; each placeholder, such as `'__BUNDLE__'`, is in it once. */
  readonly source: string;
}

/** The most that a script body may measure (rule B1). */
const bodyLimitBytes = 150_000;

/**
 * The text that is in a step template: the launcher with the bundle, the loader that starts it inside Node, and
 * the names of the variables to hand over.
 *
 * @param packed the bundle as {@link pack} gives it
 * @param loader the source of the loader, with its comments on lines of their own
 * @throws when the body would break one of the limits of B1
 */
export function scriptBody(launcher: Launcher, packed: string, loader: string): string {
  const started = without(/^ *\/\//, loader);
  // Who reads the body in Octopus finds at its head what it does; more comments cost what the action may need.
  const [head = ''] = /^(?:#.*\n)*/.exec(launcher.source) ?? [];
  const source = `${head}${without(/^ *# (?!\d+\. |shellcheck )/, launcher.source.slice(head.length))}`;
  if (/["\\]/.test(started))
    throw new Error('The loader must contain neither a double quote nor a backslash.');
  const body =
    launcher.shell === 'bash'
      ? fill(source, {
          "'__NAMES__'": bashWords(variableNames),
          "'__PATTERN_ENDS__'": bashWords(variablePatterns.flatMap(({ prefix, suffix }) => [prefix, suffix])),
          "'__LOADER__'": bashQuote(started),
          "'__BUNDLE__'": bashQuote(packed),
        })
      : fill(source, {
          "'__NAMES__'": powershellQuote(variableNames.join(' ')),
          "'__PATTERNS__'": powershellQuote(
            variablePatterns.map(({ prefix, suffix }) => `${prefix}*${suffix}`).join(' '),
          ),
          "'__LOADER__'": powershellQuote(started),
          "'__BUNDLE__'": powershellQuote(packed),
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

/** The bundle as a script body carries it: Brotli in base64, the same bytes on Node 20 and 24. */
export function pack(bundle: string): string {
  const { BROTLI_PARAM_MODE, BROTLI_MODE_TEXT, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  return brotliCompressSync(bundle, {
    params: {
      [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT,
      [BROTLI_PARAM_LGWIN]: 22,
      [BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(bundle),
    },
  }).toString('base64');
}

/** The bundle that {@link pack} has packed. */
export function unpack(packed: string): string {
  return brotliDecompressSync(Buffer.from(packed, 'base64')).toString();
}

/** The packed bundle that a script body carries: the longest run of base64 in it. */
export function packedIn(body: string): string {
  const runs = body.match(/[A-Za-z0-9+/]{1000,}={0,2}/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
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

function without(comment: RegExp, source: string): string {
  return source
    .split('\n')
    .filter((line) => !comment.test(line))
    .join('\n')
    .trim();
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
