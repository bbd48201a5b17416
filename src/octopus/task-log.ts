import type { TaskLog } from '../app/ports.ts';
import type { Text } from '../domain/text.ts';
import { type LogLevel, logLevel, progressMessage } from './service-message.ts';

export interface LineWriter {
  /** Writes one line, without its end, that is the step's own: a service message or a line made safe. */
  write(line: string): void;
}

interface TaskLogOptions {
  readonly out: LineWriter;
  /** Takes secrets out of a text (X3). */
  readonly redact: (text: string) => string;
  /** M3: Windows decodes the output with another code page, so that only ASCII arrives as it was meant. */
  readonly asciiOnly: boolean;
}

/** The Octopus task log on stdout. */
export function createTaskLog({ out, redact, asciiOnly }: TaskLogOptions): TaskLog {
  const shown = (line: Text): string => {
    const safe = redact(line.line).replace(/##(?=octopus)/giu, '# # ');
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
    progress: (line) => out.write(progressMessage(0, redact(line.line))),
  };
}

/** `\u00e9` for what is not ASCII. */
export function escapeNonAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) =>
    [...character].map((part) => `\\u{${(part.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  );
}
