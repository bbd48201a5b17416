import type { LineWriter } from '../../src/octopus/task-log.ts';

/** A service message with decoded values. */
interface ServiceMessage {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Records what is written to stdout. */
export class RecordedLines implements LineWriter {
  readonly lines: string[] = [];

  write(line: string): void {
    this.lines.push(line);
  }

  get messages(): readonly ServiceMessage[] {
    return this.lines.flatMap((line) => parseServiceMessage(line) ?? []);
  }

  /** The lines that Octopus shows unchanged. */
  get plain(): readonly string[] {
    return this.lines.filter((line) => parseServiceMessage(line) === undefined);
  }

  /** The output variables by name; the last value counts, as in Octopus. */
  get outputs(): Readonly<Record<string, string>> {
    const set = this.messages.filter(({ name }) => name === 'setVariable');
    return Object.fromEntries(
      set.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']),
    );
  }
}

/**
 * Parses a line as Octopus does: from `##octopus` to the first `]`, as XML with base64 values. Throws if the
 * line contains an incomplete service message or a value that is not base64.
 */
export function parseServiceMessage(line: string): ServiceMessage | undefined {
  if (!/##octopus/i.test(line)) return undefined;
  const match =
    /^##octopus\[([a-z-]+|setVariable|resultMessage)((?: [a-z]+='[A-Za-z0-9+/]*={0,2}')*)\]$/.exec(line);
  if (match === null) throw new Error(`no whole service message: ${line}`);
  const attributes: Record<string, string> = {};
  for (const [, key, value] of (match[2] ?? '').matchAll(/ ([a-z]+)='([^']*)'/g)) {
    attributes[key ?? ''] = Buffer.from(value ?? '', 'base64').toString('utf8');
  }
  return { name: match[1] ?? '', attributes };
}
