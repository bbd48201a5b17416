import { readFile } from 'node:fs/promises';
import { bodyLimitBytes } from '../script-body.ts';
import type { Row } from './row.ts';

const templates = {
  Bash: 'step-template.json',
  PowerShell: 'step-template.powershell.json',
  'Resume, Bash': 'resume-template.json',
  'Resume, PowerShell': 'resume-template.powershell.json',
} as const;

/** Returns the script body of a template. */
export async function scriptBodyOf(which: keyof typeof templates): Promise<string> {
  const text = await readFile(new URL(`../../${templates[which]}`, import.meta.url), 'utf8');
  const body: unknown = JSON.parse(text).Properties['Octopus.Action.Script.ScriptBody'];
  if (typeof body !== 'string') throw new Error(`${templates[which]} has no script body.`);
  return body;
}

/** B1 */
export async function bodyRows(): Promise<readonly Row[]> {
  const all = Object.keys(templates) as (keyof typeof templates)[];
  return Promise.all(
    all.map(async (which): Promise<Row> => {
      const bytes = Buffer.byteLength(await scriptBodyOf(which));
      return {
        measure: `script body, ${which}`,
        how: `bytes of the body in ${templates[which]}`,
        figure: bytes.toLocaleString('en'),
        target: `under ${bodyLimitBytes.toLocaleString('en')}`,
        met: bytes < bodyLimitBytes,
      };
    }),
  );
}
