import { foldName } from '../domain/change-state.ts';
import { nearestWord } from '../domain/nearest-word.ts';
import { type SchemaError, schemaErrors, shapes } from './policy-validator.generated.ts';
import { type Finding, pointerParts, pointerTo, type Show } from './problem.ts';
import { isSecretKey } from './secrets.ts';
import type { SourceTree } from './source-tree.ts';

/** Everything in which a policy departs from its JSON Schema, in words. */
export function shapeFindings(tree: SourceTree, show: Show): readonly Finding[] {
  const errors = schemaErrors(tree.value);
  const unknownKeys = errors.filter((error) => error.keyword === 'additionalProperties');
  const findings = new Map<string, Finding>();
  for (const error of errors) {
    const finding = findingOf(error, tree, unknownKeys, show);
    // One value can break several rules of the schema; it is one mistake.
    if (finding && !findings.has(`${finding.pointer}\0${finding.at}\0${finding.missing}`)) {
      findings.set(`${finding.pointer}\0${finding.at}\0${finding.missing}`, finding);
    }
  }
  return [...findings.values()];
}

function findingOf(
  error: SchemaError,
  tree: SourceTree,
  unknownKeys: readonly SchemaError[],
  show: Show,
): Finding | undefined {
  const pointer = error.instancePath;
  switch (error.keyword) {
    case 'if':
      return undefined;
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      // Told as a secret already.
      if (isSecretKey(key)) return undefined;
      return { pointer: pointerTo(pointer, key), at: 'key', message: unknownKey(key, pointer, show) };
    }
    case 'required': {
      const key = String(error.params['missingProperty']);
      const misspelt = unknownKeys.some(
        (unknown) =>
          unknown.instancePath === pointer &&
          nearestWord(String(unknown.params['additionalProperty']), keysAt(pointer)) === key,
      );
      if (misspelt) return undefined;
      const expected = shapeAt(pointerTo(pointer, key))?.expected ?? 'a value';
      const message = `The key ${key} is missing. Expected ${expected}.`;
      return { pointer: pointerTo(pointer, key), at: 'value', message, missing: true };
    }
    default:
      return { pointer, at: 'value', message: wrongValue(pointer, tree, show) };
  }
}

function unknownKey(key: string, parent: string, show: Show): string {
  const known = keysAt(parent);
  const near = nearestWord(key, known);
  if (near) return `Unknown key ${show(key)}. Did you mean ${near}?`;
  const elsewhere = Object.entries(shapes).find(([, shape]) => shape.keys?.includes(key))?.[0];
  const belongs =
    elsewhere === undefined
      ? ''
      : ` It belongs ${elsewhere === '' ? 'to the policy as a whole' : `under ${elsewhere.split('/')[1]}`}.`;
  return `Unknown key ${show(key)}.${belongs} Expected one of ${known.join(', ')}.`;
}

function wrongValue(pointer: string, tree: SourceTree, show: Show): string {
  const expected = shapeAt(pointer)?.expected ?? 'another value';
  const { scalar, written = '' } = tree.nodes.get(pointer) ?? {};
  switch (typeof scalar) {
    case 'undefined':
      return `Expected ${expected}, found ${collection(valueAt(tree.value, pointer), expected)}.`;
    case 'string':
      return wrongText(scalar, expected, show);
    case 'object':
      return `Expected ${expected}, found nothing.`;
    default:
      return wrongWord(
        `the ${typeof scalar === 'number' ? 'number' : 'truth value'}`,
        written,
        expected,
        pointer,
        show,
      );
  }
}

function collection(value: unknown, expected: string): string {
  if (!Array.isArray(value)) return 'keys and values';
  return value.length === 0 && expected.startsWith('a list') ? 'an empty list' : 'a list';
}

function wrongText(text: string, expected: string, show: Show): string {
  if (text.trim() === '') return `Expected ${expected}, found blanks only.`;
  const words = knownWords(expected);
  const near = words.find((word) => word === booleanWords.get(foldName(text))) ?? nearestWord(text, words);
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  const quotes = expected === '1' && text.trim() === '1' ? ' Write it without quotes.' : '';
  return `Expected ${expected}, found ${show(text)}.${meant}${quotes}`;
}

function wrongWord(kind: string, written: string, expected: string, pointer: string, show: Show): string {
  // A token could consist of digits.
  const hidden = pointer.endsWith('/tokenVariable') || show(written) === '(not shown)';
  const found = `Expected ${expected}, found ${hidden ? kind : `${kind} ${written}`}.`;
  if (!/^(?:text|a key)/.test(expected)) return found;
  return `${found} Put it in quotes${hidden ? '' : `: "${written}"`}.`;
}

/** The few words that a place takes, if it takes no others. */
function knownWords(expected: string): readonly string[] {
  return / or "/.test(expected) ? [] : expected.includes(' or ') ? expected.split(' or ') : [];
}

const booleanWords: ReadonlyMap<string, string> = new Map([
  ['yes', 'true'],
  ['on', 'true'],
  ['no', 'false'],
  ['off', 'false'],
]);

function keysAt(pointer: string): readonly string[] {
  return shapeAt(pointer)?.keys ?? [];
}

function shapeAt(pointer: string) {
  return shapes[pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*')];
}

function valueAt(value: unknown, pointer: string): unknown {
  return pointerParts(pointer).reduce<unknown>(
    (current, part) => (current as Record<string, unknown> | undefined)?.[part],
    value,
  );
}
