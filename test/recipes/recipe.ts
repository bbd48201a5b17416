import { readFileSync } from 'node:fs';

const document = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');

/** One recipe of docs/recipes.md, as a reader sees it. */
interface Recipe {
  /** What its table sets, expressions and all. */
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

/** The scripts of a recipe. */
export function blocks(title: string): readonly string[] {
  return [...sectionOf(title).matchAll(/^```bash\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
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

/** Replaces `#{name}` expressions with their values, as Octopus does before a step runs; unknown ones stay. */
export function resolved(
  variables: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const value = (text: string): string =>
    text.replace(/#\{([^}]+)\}/g, (all, name: string) => known[name] ?? all);
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, value(text)]));
}

/** The variables that a later step of the same deployment gets from a step's outputs. */
export function outputsOf(step: string, outputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [`Octopus.Action[${step}].Output.${name}`, value]),
  );
}
