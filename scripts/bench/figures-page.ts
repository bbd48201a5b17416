import { readFile, writeFile } from 'node:fs/promises';

const page = new URL('../../docs/figures.md', import.meta.url);

/** Puts the last run between the marks of `docs/figures.md`; the prose around them is written by hand. */
export async function writeFigures(text: string): Promise<void> {
  await writeFile(page, withFigures(await readFile(page, 'utf8'), text));
}

const marks = { start: '<!-- bench:start -->', end: '<!-- bench:end -->' } as const;

/** @throws if the page has no marks to write between */
export function withFigures(before: string, text: string): string {
  const [head, rest = ''] = before.split(marks.start);
  const [, tail] = rest.split(marks.end);
  if (head === undefined || tail === undefined)
    throw new Error(`The page has no place between ${marks.start} and ${marks.end}.`);
  return `${head}${marks.start}\n${text.trim()}\n${marks.end}${tail}`;
}
