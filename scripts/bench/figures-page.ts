import { readFile, writeFile } from 'node:fs/promises';

const page = new URL('../../docs/figures.md', import.meta.url);

/**
 * Puts the results of the last run between the markers of `docs/figures.md`; the text around them is written
 * by people.
 */
export async function writeFigures(text: string): Promise<void> {
  await writeFile(page, withFigures(await readFile(page, 'utf8'), text));
}

const marks = { start: '<!-- bench:start -->', end: '<!-- bench:end -->' } as const;

/**
 * Returns the page with the results between its markers.
 * @throws if the page lacks the markers
 */
export function withFigures(before: string, text: string): string {
  const [head, rest = ''] = before.split(marks.start);
  const [, tail] = rest.split(marks.end);
  if (head === undefined || tail === undefined)
    throw new Error(`The page must contain ${marks.start}, followed by ${marks.end}.`);
  return `${head}${marks.start}\n${text.trim()}\n${marks.end}${tail}`;
}
