/** An action template, from a file of the project or exported by Octopus. */
export interface TemplateFile {
  readonly Name?: unknown;
  readonly Version?: unknown;
  readonly ActionType?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Parameters?: readonly TemplateParameter[];
}

interface TemplateParameter {
  readonly Name: string;
  readonly [property: string]: unknown;
}

const bodyProperty = 'Octopus.Action.Script.ScriptBody';

/** Returns the script of a template. Octopus may have stored it with other line endings. */
export function scriptOf({ Properties }: TemplateFile): string {
  const body = Properties?.[bodyProperty];
  return typeof body === 'string' ? body.replaceAll('\r\n', '\n') : '';
}

/**
 * Lists the differences between a template and the one built from the sources, one sentence each: everything
 * that runs or that people fill in. Properties that Octopus assigns (id, version, editor and date) are not
 * compared.
 */
export function templateDifferences(given: TemplateFile, built: TemplateFile): readonly string[] {
  const properties = new Set([
    ...Object.keys(given.Properties ?? {}),
    ...Object.keys(built.Properties ?? {}),
  ]);
  properties.delete(bodyProperty);
  return [
    ...(scriptOf(given) === scriptOf(built) ? [] : [scriptDifference(scriptOf(given), scriptOf(built))]),
    ...(given.ActionType === built.ActionType ? [] : [`Its ActionType is ${String(given.ActionType)}.`]),
    ...[...properties]
      .filter((name) => given.Properties?.[name] !== built.Properties?.[name])
      .map((name) => `Its property ${name} is ${JSON.stringify(given.Properties?.[name]) ?? 'missing'}.`),
    ...parameterDifferences(given.Parameters ?? [], built.Parameters ?? []),
  ];
}

function scriptDifference(given: string, built: string): string {
  const [ours, theirs] = [built.split('\n'), given.split('\n')];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  const line = at === -1 ? ours.length + 1 : at + 1;
  const lengths =
    theirs.length === ours.length ? '' : `; it has ${theirs.length} lines instead of ${ours.length}`;
  return `Its script differs, first in line ${line}${lengths}.`;
}

function parameterDifferences(
  given: readonly TemplateParameter[],
  built: readonly TemplateParameter[],
): readonly string[] {
  const names = new Set([...built, ...given].map(({ Name }) => Name));
  const named = (list: readonly TemplateParameter[], name: string) => list.find(({ Name }) => Name === name);
  return [...names].flatMap((name) => {
    const [theirs, ours] = [named(given, name), named(built, name)];
    if (theirs === undefined) return `It lacks the parameter ${name}.`;
    if (ours === undefined) return `It has a parameter ${name}, which is not in the sources.`;
    return ['Label', 'HelpText', 'DefaultValue', 'DisplaySettings']
      .filter((property) => JSON.stringify(theirs[property]) !== JSON.stringify(ours[property]))
      .map((property) => `${property} of its parameter ${name} differs.`);
  });
}
