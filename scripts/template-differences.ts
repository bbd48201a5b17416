import { asArray, asObject } from '../src/http/json.ts';

/** An action template, from a file of the project or exported by Octopus. */
export interface TemplateFile {
  readonly Name?: unknown;
  readonly Version?: unknown;
  readonly ActionType?: unknown;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Parameters?: readonly TemplateParameter[];
  readonly [member: string]: unknown;
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

/** What Octopus assigns or derives, and what only describes a template: none of it runs or is filled in. */
const uncompared: readonly string[] = [
  'Id',
  'Version',
  'SpaceId',
  'CommunityActionTemplateId',
  'LastModifiedBy',
  'LastModifiedOn',
  'Links',
  '$Meta',
  'Category',
  'Name',
  'Description',
];

/**
 * Lists the differences between a template and the one built from the sources, one sentence each: everything
 * that runs or that people fill in, including members that the sources do not know. Octopus ignores the case of
 * names, so a known one in another case counts too.
 */
export function templateDifferences(given: TemplateFile, built: TemplateFile): readonly string[] {
  // Newer servers add the action type under a second name.
  const ours: TemplateFile = { StepPackageId: built.ActionType, ...built };
  const theirs: TemplateFile = { StepPackageId: ours['StepPackageId'], ...given };
  return [
    ...(scriptOf(given) === scriptOf(built) ? [] : [scriptDifference(scriptOf(given), scriptOf(built))]),
    ...differingNames(theirs, ours, [...uncompared, 'Properties', 'Parameters']).map(
      (name) => `Its ${name} is ${shown(theirs[name])}.`,
    ),
    ...differingNames(given.Properties ?? {}, built.Properties ?? {}, [bodyProperty]).map(
      (name) => `Its property ${name} is ${shown(JSON.stringify(given.Properties?.[name]))}.`,
    ),
    ...parameterDifferences(given.Parameters, built.Parameters ?? []),
  ];
}

/** Shows the beginning of a value of a template, which may be of any type. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'missing');
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

type Members = Readonly<Record<string, unknown>>;

/** Returns the names of the members whose values differ; one that is missing equals one that is empty. */
function differingNames(given: Members, built: Members, except: readonly string[]): readonly string[] {
  const names = [...new Set([...Object.keys(given), ...Object.keys(built)])];
  const own = (members: Members, name: string): unknown =>
    Object.hasOwn(members, name) ? members[name] : undefined;
  return names.filter(
    (name) => !except.includes(name) && withoutEmpty(own(given, name)) !== withoutEmpty(own(built, name)),
  );
}

function withoutEmpty(value: unknown): string {
  const json = JSON.stringify(value ?? '');
  return json === '[]' || json === '{}' ? '""' : json;
}

function scriptDifference(given: string, built: string): string {
  const [ours, theirs] = [built.split('\n'), given.split('\n')];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  const line = at === -1 ? ours.length + 1 : at + 1;
  const lengths =
    theirs.length === ours.length ? '' : `; it has ${theirs.length} lines instead of ${ours.length}`;
  return `Its script differs, first in line ${line}${lengths}.`;
}

function parameterDifferences(given: unknown, built: readonly TemplateParameter[]): readonly string[] {
  if (!isParameterList(given ?? [])) return ['Its Parameters are not a list of named parameters.'];
  const list = (given ?? []) as readonly TemplateParameter[];
  const names = new Set([...built, ...list].map(({ Name }) => Name));
  return [...names].flatMap((name) => {
    const [theirs, ours] = [list, built].map((parameters) => parameters.filter(({ Name }) => Name === name));
    const [[their, ...others], [our]] = [theirs ?? [], ours ?? []];
    if (their === undefined) return `It lacks the parameter ${name}.`;
    if (our === undefined) return `It has a parameter ${name}, which is not in the sources.`;
    if (others.length > 0) return `It has the parameter ${name} more than once.`;
    return differingNames(their, our, ['Id']).map((member) => `${member} of its parameter ${name} differs.`);
  });
}

function isParameterList(value: unknown): value is readonly TemplateParameter[] {
  return asArray(value)?.every((each) => typeof asObject(each)?.['Name'] === 'string') ?? false;
}
