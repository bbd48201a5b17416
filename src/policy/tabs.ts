import type { Place } from './source-tree.ts';

/** A text without its tabs, and where they were. */
export interface ExpandedText {
  readonly text: string;
  /** Offsets in `text` of the first tab of each line; those in comments do not count. */
  readonly tabs: readonly number[];
  /** The place in the text as it was. */
  placeOf(offset: number): Place;
}

/**
 * Puts blanks for tabs, so that the rest of a text with tabs can be read and all its problems shown together.
 * How wide they were meant is the first width with which the text `reads`.
 */
export function expandTabs(text: string, reads: (candidate: string) => boolean): ExpandedText {
  const widths = [2, 4, 8, 1];
  const hasTabs = text.split('\n').some((line) => tabIn(line) !== -1);
  const width = hasTabs ? (widths.find((each) => reads(expand(text, each))) ?? 2) : 1;
  const original = text.split('\n');
  const lines = original.map((line) => expandLine(line, width));
  const starts: number[] = [];
  let start = 0;
  for (const line of lines) {
    starts.push(start);
    start += line.length + 1;
  }
  const tabs = original.flatMap((line, index) => {
    const tab = tabIn(line);
    return tab === -1 ? [] : [(starts[index] ?? 0) + tab];
  });
  return {
    text: lines.join('\n'),
    tabs,
    placeOf(offset) {
      const index = lineAt(starts, offset);
      return {
        line: index + 1,
        column: originalColumn(original[index] ?? '', offset - (starts[index] ?? 0), width),
      };
    },
  };
}

/** The index of the line that an offset lies in. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the first tab of a line stands that is not in a comment, or -1. */
function tabIn(line: string): number {
  const tab = line.indexOf('\t');
  const comment = line.search(/(?:^|\s)#/);
  return tab !== -1 && (comment === -1 || tab < comment) ? tab : -1;
}

function expand(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => expandLine(line, width))
    .join('\n');
}

function expandLine(line: string, width: number): string {
  return tabIn(line) === -1 ? line : line.replaceAll('\t', ' '.repeat(width));
}

function originalColumn(line: string, offset: number, width: number): number {
  const tab = tabIn(line) === -1 ? 1 : width;
  let expanded = 0;
  let column = 1;
  for (const character of line) {
    if (expanded >= offset) break;
    expanded += character === '\t' ? tab : character.length;
    column += character.length;
  }
  return column;
}
