import { readFileSync } from 'node:fs';
import { pack } from '../../scripts/packing.ts';
import { scriptBody } from '../../scripts/script-body.ts';

const root = new URL('../../', import.meta.url);

/** The PowerShell body with another action: one of the files in `actions/`, or a text. */
export function bodyAround(action: string): string {
  const text = action.endsWith('.cjs')
    ? readFileSync(new URL(`actions/${action}`, import.meta.url), 'utf8')
    : action;
  return scriptBody(
    { shell: 'powershell', source: sourceOf('powershell.ps1') },
    pack(text),
    sourceOf('loader.cjs'),
  );
}

/** A file of the launcher in the sources. */
export function sourceOf(name: string): string {
  return readFileSync(new URL(`src/launcher/${name}`, root), 'utf8');
}

function bodyOf(template: string): string {
  const text = readFileSync(new URL(template, root), 'utf8');
  return JSON.parse(text).Properties['Octopus.Action.Script.ScriptBody'];
}

/** The bodies of the PowerShell template and of the Bash template. */
export const templateBody = bodyOf('step-template.powershell.json');
export const bashTemplateBody = bodyOf('step-template.json');
