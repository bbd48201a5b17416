/** A line of the task log, with its virtual time. */
export interface WrittenLine {
  readonly atMs: number;
  readonly line: string;
}

/** How Octopus interprets the lines that a step writes. */
export interface ReadTaskLog {
  /** Output variables by name; the last value counts. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Highlighted lines and warnings, which the Task Summary shows. */
  readonly summary: readonly string[];
  readonly warnings: readonly string[];
  /** Every line that is not a service message, with its level. */
  readonly said: readonly { readonly atMs: number; readonly level: string; readonly line: string }[];
  readonly resultMessage: string | undefined;
  readonly progress: readonly { readonly atMs: number; readonly message: string }[];
  readonly masked: readonly string[];
  /** The attributes of each artifact that Octopus is to collect. */
  readonly artifacts: readonly Readonly<Record<string, string>>[];
}

/** Reads service messages as Calamari does: every attribute is base64 of UTF-8. */
export function readTaskLog(lines: readonly WrittenLine[]): ReadTaskLog {
  const outputs: Record<string, string> = {};
  const said: { atMs: number; level: string; line: string }[] = [];
  const progress: { atMs: number; message: string }[] = [];
  const masked: string[] = [];
  const artifacts: Record<string, string>[] = [];
  let resultMessage: string | undefined;
  let level = 'default';
  for (const { atMs, line } of lines) {
    const message = /^##octopus\[([\w-]+)((?: [\w-]+='[^']*')*)\]$/.exec(line);
    if (message === null) {
      said.push({ atMs, level, line });
      continue;
    }
    const [, name = '', words = ''] = message;
    const attributes = readAttributes(words);
    if (name.startsWith('stdout-')) level = name.slice('stdout-'.length);
    else if (name === 'setVariable') outputs[attributes['name'] ?? ''] = attributes['value'] ?? '';
    else if (name === 'resultMessage') resultMessage = attributes['message'];
    else if (name === 'progress') progress.push({ atMs, message: attributes['message'] ?? '' });
    else if (name === 'createArtifact') artifacts.push(attributes);
    else if (name === 'mask') masked.push(attributes['value'] ?? '');
  }
  const at = (...levels: string[]): string[] =>
    said.filter((one) => levels.includes(one.level)).map((one) => one.line);
  return {
    outputs,
    said,
    summary: at('highlight', 'warning'),
    warnings: at('warning'),
    resultMessage,
    progress,
    masked,
    artifacts,
  };
}

function readAttributes(words: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of words.matchAll(/ ([\w-]+)='([^']*)'/g)) {
    attributes[name] = Buffer.from(value, 'base64').toString('utf8');
  }
  return attributes;
}
