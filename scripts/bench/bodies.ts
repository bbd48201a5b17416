import { readFile } from 'node:fs/promises';
import type { Row } from './row.ts';

const limitBytes = 128_000;

const templates = { Bash: 'step-template.json', PowerShell: 'step-template.powershell.json' } as const;

/** The script body that a template carries. */
export async function scriptBodyOf(shell: keyof typeof templates): Promise<string> {
  const text = await readFile(new URL(`../../${templates[shell]}`, import.meta.url), 'utf8');
  const body: unknown = JSON.parse(text).Properties['Octopus.Action.Script.ScriptBody'];
  if (typeof body !== 'string') throw new Error(`${templates[shell]} has no script body.`);
  return body;
}

export async function bodyRows(): Promise<readonly Row[]> {
  const shells = Object.keys(templates) as (keyof typeof templates)[];
  return Promise.all(
    shells.map(async (shell): Promise<Row> => {
      const bytes = Buffer.byteLength(await scriptBodyOf(shell));
      return {
        measure: `script body, ${shell}`,
        how: `bytes of the body in ${templates[shell]}`,
        figure: bytes.toLocaleString('en'),
        target: `under ${limitBytes.toLocaleString('en')}`,
        met: bytes < limitBytes,
      };
    }),
  );
}
