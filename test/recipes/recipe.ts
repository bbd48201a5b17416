import { readFileSync } from 'node:fs';
import { evaluate, lookupIn } from '../sandbox/octopus/expression.ts';

const document = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');

/** One recipe of docs/recipes.md, as a reader sees it. */
interface Recipe {
  /** The values in its table, including expressions. */
  readonly variables: Readonly<Record<string, string>>;
  /** Its block of YAML; empty if it has none. */
  readonly yaml: string;
}

export const recipeTitles: readonly string[] = [...document.matchAll(/^## (.*)$/gm)].map(
  ([, title = '']) => title,
);

function sectionOf(title: string): string {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`docs/recipes.md has no recipe "${title}"`);
  return section;
}

/** The variable expressions of a recipe's table of steps. */
export function conditions(title: string): readonly string[] {
  return [...sectionOf(title).matchAll(/^\| \*[^|]+\* \| `([^`]+)` \|/gm)].map(([, text = '']) => text);
}

/** The scripts of a recipe, or its blocks in another language. */
export function blocks(title: string, language = 'bash'): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...sectionOf(title).matchAll(pattern)].map(([, text = '']) => text);
}

/** The options of a recipe's drop-down variable. */
export function optionsOf(title: string): readonly string[] {
  return [...sectionOf(title).matchAll(/^\| `([^`]+)` \| \w+ \|$/gm)].map(([, option = '']) => option);
}

export function recipe(title: string): Recipe {
  const section = sectionOf(title);
  const rows = [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|$/gm)];
  if (rows.length === 0) throw new Error(`the recipe "${title}" sets nothing`);
  return {
    variables: Object.fromEntries(rows.map(([, name = '', value = '']) => [name, value])),
    yaml: /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? '',
  };
}

/** Evaluates expressions as Octopus does before a step runs; unknown expressions stay. */
export function resolved(
  variables: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const lookup = lookupIn(known);
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, evaluate(text, lookup)]));
}

/** The variables that a later step of the same deployment gets from a step's outputs. */
export function outputsOf(step: string, outputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [`Octopus.Action[${step}].Output.${name}`, value]),
  );
}
