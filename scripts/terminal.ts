import { escapeNonAscii } from '../src/octopus/task-log.ts';

/**
 * What breaks a line, moves the cursor, or hides or reorders text. The joiners stay: some languages need them,
 * and they do none of this.
 */
const unsafe = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * X1: makes a text with parts from outside, such as a file or an answer, one line for a terminal. Unsafe
 * characters are shown by their code, such as `\u{a}`, so that people see that they are there.
 */
export function terminalLine(text: string): string {
  return text.replace(unsafe, escapeNonAscii);
}

/** Prints one line with parts from outside. */
export function printLine(text: string): void {
  console.log(terminalLine(text));
}
