import { readFile } from 'node:fs/promises';
import type { TemplateFile } from '../template-differences.ts';

/** A template of this project, as read from its file. */
export interface OwnTemplate extends TemplateFile {
  readonly Name: string;
  readonly Description: string;
}

const files = [
  'step-template.json',
  'step-template.powershell.json',
  'resume-template.json',
  'resume-template.powershell.json',
];

export async function ownTemplates(): Promise<readonly OwnTemplate[]> {
  const root = new URL('../../', import.meta.url);
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(new URL(file, root), 'utf8'))));
}
