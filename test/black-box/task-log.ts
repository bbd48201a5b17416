/** The level at which Octopus shows a line: the last one that the step has set. */
export type Level = 'default' | 'verbose' | 'highlight' | 'wait' | 'warning' | 'error';

export interface ServiceMessage {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export type TaskLogEvent =
  | { readonly kind: 'line'; readonly level: Level; readonly text: string }
  | { readonly kind: 'message'; readonly message: ServiceMessage }
  /** A service message that Octopus cannot parse, and silently ignores. */
  | { readonly kind: 'dropped'; readonly text: string };

const levels: Readonly<Record<string, Level>> = {
  'stdout-default': 'default',
  'stdout-verbose': 'verbose',
  'stdout-highlight': 'highlight',
  'stdout-wait': 'wait',
  'stdout-warning': 'warning',
  'stdout-error': 'error',
};

const mark = '##octopus';

/**
 * Reads a step's output as Octopus does: a service message starts with `##octopus` anywhere in a line and
 * ends with the next `]`; its attributes are base64; a level remains in effect until another one is set.
 */
export class TaskLogReader {
  #level: Level = 'default';
  #rest = '';

  /** The level of the next line. */
  get level(): Level {
    return this.#level;
  }

  /** @param output the output since the last call, cut at any point */
  read(output: string): TaskLogEvent[] {
    const lines = `${this.#rest}${output}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.#line(line.replace(/\r$/, '')));
  }

  /** Reads the last line if it has no line end. */
  end(): TaskLogEvent[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : this.#line(rest);
  }

  #line(line: string): TaskLogEvent[] {
    const at = line.toLowerCase().indexOf(mark);
    if (at < 0) return [this.#text(line)];
    const end = line.indexOf(']', at);
    const written = end < 0 ? line.slice(at) : line.slice(at, end + 1);
    const message = end < 0 ? undefined : parseMessage(written);
    const events: TaskLogEvent[] = at === 0 ? [] : [this.#text(line.slice(0, at))];
    if (message === undefined) {
      events.push({ kind: 'dropped', text: written });
    } else {
      this.#level = levels[message.name] ?? this.#level;
      events.push({ kind: 'message', message });
    }
    const after = end < 0 ? '' : line.slice(end + 1);
    return after === '' ? events : [...events, ...this.#line(after)];
  }

  #text(text: string): TaskLogEvent {
    return { kind: 'line', level: this.#level, text };
  }
}

function parseMessage(written: string): ServiceMessage | undefined {
  const found = /^##octopus\[\s*([\w-]+)((?:\s+[\w-]+='[^']*')*)\s*\]$/.exec(written);
  if (found === null) return undefined;
  const [, name = '', words = ''] = found;
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of words.matchAll(/([\w-]+)='([^']*)'/g)) {
    const text = fromBase64(value);
    if (text === undefined) return undefined;
    attributes[key] = text;
  }
  return { name, attributes };
}

function fromBase64(value: string): string | undefined {
  const isBase64 = value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
  if (!isBase64) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(value, 'base64'));
  } catch {
    return undefined;
  }
}

/** A whole task log, as a person and the deployment see it. */
export interface TaskLog {
  readonly lines: readonly { readonly level: Level; readonly text: string }[];
  /** The lines of the Task Summary. */
  readonly summary: readonly string[];
  /** Output variables, each with its last value. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The names of the output variables in the order in which they were set, with repetitions. */
  readonly outputNames: readonly string[];
  /** The result message of the step. */
  readonly result: string | undefined;
  readonly masks: readonly string[];
  readonly progress: readonly string[];
  /** Service messages in order. */
  readonly messages: readonly ServiceMessage[];
  readonly dropped: readonly string[];
  /** The level that remains in effect after the output. */
  readonly lastLevel: Level;
}

export function readTaskLog(output: string): TaskLog {
  const reader = new TaskLogReader();
  const events = [...reader.read(output), ...reader.end()];
  const lines = events.filter((event) => event.kind === 'line').map(({ level, text }) => ({ level, text }));
  const messages = events.filter((event) => event.kind === 'message').map((event) => event.message);
  const named = (name: string) => messages.filter((message) => message.name === name);
  const variables = named('setVariable').map(({ attributes }) => attributes);
  return {
    lines,
    summary: lines.filter(({ level }) => level === 'highlight').map(({ text }) => text),
    outputs: Object.fromEntries(variables.map((each) => [each['name'] ?? '', each['value'] ?? ''])),
    outputNames: variables.map((each) => each['name'] ?? ''),
    result: named('resultMessage').at(-1)?.attributes['message'],
    masks: named('mask').map(({ attributes }) => attributes['value'] ?? ''),
    progress: named('progress').map(({ attributes }) => attributes['message'] ?? ''),
    messages,
    dropped: events.filter((event) => event.kind === 'dropped').map(({ text }) => text),
    lastLevel: reader.level,
  };
}
