import { isOfThisRun, type OctopusRun, readRunLine, runLine } from './run-line.ts';

/** The last line of a comment, by which a repeated run knows what it has done: the run line and a word for what that was. */
export function markedRunLine(run: OctopusRun, mark: string): string {
  return `${runLine(run)} (${mark})`;
}

/** The mark of a comment that this very run has written; undefined for any other comment. */
export function markOfRun(comment: string, run: OctopusRun): string | undefined {
  const lines = comment.split(/[\r\n]+/u).filter((line) => line.trim() !== '');
  const marked = /^(.*)\(([a-z-]+)\)$/u.exec(lines.at(-1)?.trim() ?? '');
  const [, line = '', mark] = marked ?? [];
  return isOfThisRun(readRunLine(line), run) ? mark : undefined;
}
