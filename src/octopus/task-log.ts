import type { TaskLog } from '../app/ports.ts';
import { type Text, withoutMessages } from '../domain/text.ts';
import { type LogLevel, logLevel, progressMessage } from './service-message.ts';

export interface LineWriter {
  /** Writes one line, without a line break: a service message of the step, or a line that was made safe. */
  write(line: string): void;
}

interface TaskLogOptions {
  readonly out: LineWriter;
  /** Removes secrets from a text (X3). */
  readonly redact: (text: string) => string;
  /** M3: whether to write only ASCII: Windows decodes the output with another code page. */
  readonly asciiOnly: boolean;
}

/** Creates the Octopus task log on stdout. */
export function createTaskLog({ out, redact, asciiOnly }: TaskLogOptions): TaskLog {
  const shown = (line: Text): string => {
    const safe = withoutMessages(redact(line.line));
    return asciiOnly ? escapeNonAscii(safe) : safe;
  };
  const at = (level: LogLevel) => (line: Text) => {
    out.write(logLevel(level));
    out.write(shown(line));
    out.write(logLevel('default'));
  };
  return {
    info: (line) => out.write(shown(line)),
    verbose: at('verbose'),
    highlight: at('highlight'),
    warning: at('warning'),
    wait: at('wait'),
    progress: (line) => out.write(progressMessage(redact(line.line))),
  };
}

/** Escapes what is not ASCII, for example as `\u{e9}`. */
export function escapeNonAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) =>
    [...character].map((part) => `\\u{${(part.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  );
}
