/** The path to a value in JSON: the keys and indexes from the root. */
export type JsonPlace = readonly (string | number)[];

/** Ways in which one value of an answer may be wrong. `undefined` deletes the value. */
const mutations = {
  deleted: () => undefined,
  null: () => null,
  number: () => 7,
  negative: () => -1,
  large: () => 1e9,
  true: () => true,
  false: () => false,
  empty: () => '',
  text: () => 'x',
  long: () => 'x'.repeat(100_000),
  object: () => ({}),
  list: () => [],
  'in a list': (value) => [value],
  'in an object': (value) => ({ value }),
  deep: () => JSON.parse(`${'['.repeat(2000)}${']'.repeat(2000)}`) as unknown,
  'as text': (value) => JSON.stringify(value),
  'line end': (value) => `${String(value)}\n`,
  spaced: (value) => ` ${String(value)}`,
  upper: (value) => String(value).toUpperCase(),
  expression: () => '#{Some.Secret}',
  surrogate: () => '\ud800',
  // Sets the output variable Decision to Proceed.
  'service message': () => "x\n##octopus[setVariable name='RGVjaXNpb24=' value='UHJvY2VlZA==']\r\nx",
  "next one's value": (_value, others) => others[0],
  "last one's value": (_value, others) => others.at(-1),
} as const satisfies Readonly<Record<string, (value: unknown, others: readonly unknown[]) => unknown>>;

/** `swapped` exchanges a value with the one after it. */
export type MutationName = keyof typeof mutations | 'swapped';
export const mutationNames = [...Object.keys(mutations), 'swapped'] as readonly MutationName[];

/** Returns every place in a JSON value, the root first. */
export function placesIn(json: unknown): readonly JsonPlace[] {
  const places: JsonPlace[] = [];
  const visit = (value: unknown, place: JsonPlace): void => {
    places.push(place);
    for (const [key, inner] of entriesOf(value)) visit(inner, [...place, key]);
  };
  visit(json, []);
  return places;
}

/** Returns a JSON text with one value changed; unchanged if it is not JSON or has no such place. */
export function mutated(text: string, place: JsonPlace, name: MutationName): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text;
  }
  const root = { root: json };
  const whole = ['root', ...place];
  const key = whole.at(-1) ?? 'root';
  const parent = whole.slice(0, -1).reduce<unknown>((value, one) => valueAt(value, one), root);
  if (!isContainer(parent) || !Object.hasOwn(parent, key)) return text;
  const siblings = entriesOf(parent);
  const position = siblings.findIndex(([one]) => one === key);
  const others = [...siblings.slice(position + 1), ...siblings.slice(0, position)];
  if (name === 'swapped') {
    const [other] = others;
    if (other !== undefined) [parent[key], parent[other[0]]] = [other[1], parent[key]];
  } else {
    const value = mutations[name](
      parent[key],
      others.map(([, one]) => one),
    );
    if (value !== undefined) parent[key] = value;
    else if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }
  return JSON.stringify(root.root) ?? '';
}

type Container = Record<string | number, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((inner, index) => [index, inner] as const);
  return isContainer(value) ? Object.entries(value) : [];
}

function valueAt(value: unknown, key: string | number): unknown {
  return isContainer(value) ? value[key] : undefined;
}
