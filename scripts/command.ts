import { type ParseArgsConfig, parseArgs } from 'node:util';
import { terminalLine } from './terminal.ts';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** What a command accepts, and the text that `--help` shows. */
interface CommandForm<Options extends OptionsConfig> {
  /** Begins with the line `Usage: npm run ...`. */
  readonly usage: string;
  /** In the form that `parseArgs` of `node:util` accepts; `--help` is added. */
  readonly options?: Options;
  /** The maximum number of arguments that are not options; none by default. */
  readonly mostArguments?: number;
}

/** The options and the other arguments of a call. */
type CommandCall<Options extends OptionsConfig> = Pick<
  ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>,
  'values' | 'positionals'
>;

/** An invalid call of a command: its message is shown with the usage, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * A command that cannot be carried out, for a reason that other arguments would not remove: its message is shown
 * without the usage, and the exit code is 1.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

interface Output {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/**
 * Runs a command with the arguments of this process, and exits with the code that `act` returns. `--help`
 * shows the usage. If the reader of the output goes away, the command ends silently.
 */
export async function runCommand<const Options extends OptionsConfig>(
  form: CommandForm<Options>,
  act: (call: CommandCall<Options>) => Promise<number> | number,
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  process.exitCode = await exitCodeOf(form, act, process.argv.slice(2), {
    write: (text) => console.log(text),
    writeError: (text) => console.error(text),
  });
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** {@link runCommand} without the process. Errors that are not the user's mistake are rethrown. */
export async function exitCodeOf<const Options extends OptionsConfig>(
  form: CommandForm<Options>,
  act: (call: CommandCall<Options>) => Promise<number> | number,
  args: readonly string[],
  { write, writeError }: Output,
): Promise<number> {
  try {
    const call = readCall(form, args);
    if (call !== 'help') return await act(call);
    write(form.usage);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      writeError(`${error.message}\n\n${form.usage}`);
      return 2;
    }
    const words = error instanceof CommandError ? error.message : systemErrorWords(error);
    if (words === undefined) throw error;
    writeError(words);
    return 1;
  }
}

/**
 * Says what a fault of the system is, such as a missing file or a port that is in use: a stack trace would not
 * help. Undefined for any other error.
 */
export function systemErrorWords(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error)) return undefined;
  const { code, port, path, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE' && port !== undefined) return `Port ${port} is in use: choose another one`;
  return terminalLine(code === 'ENOENT' && path !== undefined ? `File not found: ${path}` : message);
}

function readCall<Options extends OptionsConfig>(
  { options, mostArguments = 0 }: CommandForm<Options>,
  args: readonly string[],
): CommandCall<Options> | 'help' {
  const { values, positionals } = parse({ ...options, help: { type: 'boolean', short: 'h' } }, args);
  if ((values as { help?: boolean }).help === true) return 'help';
  const surplus = positionals[mostArguments];
  if (surplus !== undefined) throw new UsageError(`Unexpected argument "${surplus}"`);
  return { values, positionals } as CommandCall<Options>;
}

function parse(options: OptionsConfig, args: readonly string[]) {
  try {
    return parseArgs({ options, args: [...args], allowPositionals: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code.startsWith('ERR_PARSE_ARGS')) throw new UsageError((error as Error).message);
    throw error;
  }
}

/**
 * Parses an argument as a whole number.
 * @throws UsageError for any other text, and for a number out of range
 */
export function wholeNumber(
  text: string,
  { name, min = 0, max = Number.MAX_SAFE_INTEGER }: { name: string; min?: number; max?: number },
): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new UsageError(`${name} must be a whole number ${bounds}, not "${text}"`);
}
