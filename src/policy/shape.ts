import { nearestWord } from '../domain/nearest-word.ts';
import { type SchemaError, shapes } from './policy-validator.js';
import { type Finding, pointerTo, type Show } from './problem.ts';
import { isSecretKey, secretMessage, tokensIn } from './secrets.ts';
import type { PolicySource } from './source.ts';

/** Pointers to the keys that the schema does not know. */
export function unknownKeys(errors: readonly SchemaError[]): readonly string[] {
  return errors.filter(isUnknownKey).map(({ instancePath, params }) => {
    return pointerTo(instancePath, String(params['additionalProperty']));
  });
}

/** Everything in which a policy departs from its JSON Schema, in words. */
export function shapeFindings(
  errors: readonly SchemaError[],
  source: PolicySource,
  show: Show,
): readonly Finding[] {
  return errors.flatMap((error): Finding | [] => {
    const { instancePath: pointer, keyword, params } = error;
    switch (keyword) {
      case 'if':
        return [];
      case 'additionalProperties': {
        const key = String(params['additionalProperty']);
        return { pointer: pointerTo(pointer, key), at: 'key', message: unknownKey(key, pointer, show) };
      }
      case 'required': {
        const key = String(params['missingProperty']);
        if (errors.some((other) => isMisspelt(other, key, pointer))) return [];
        const expected = shapeAt(pointerTo(pointer, key))?.expected ?? 'a value';
        const message = `The key ${key} is missing. Expected ${expected}.`;
        return { pointer: pointerTo(pointer, key), at: 'value', message };
      }
      default:
        return { pointer, at: 'value', message: wrongValue(pointer, source, show) };
    }
  });
}

function isUnknownKey({ keyword }: SchemaError): boolean {
  return keyword === 'additionalProperties';
}

function isMisspelt(error: SchemaError, key: string, pointer: string): boolean {
  if (!isUnknownKey(error) || error.instancePath !== pointer) return false;
  return nearestWord(String(error.params['additionalProperty']), keysAt(pointer)) === key;
}

function unknownKey(key: string, parent: string, show: Show): string {
  if (isSecretKey(key) || tokensIn(key).length > 0) return secretMessage;
  const known = keysAt(parent);
  const near = nearestWord(key, known);
  if (near !== undefined) return `Unknown key ${show(key)}. Did you mean ${near}?`;
  const owner = Object.entries(shapes).find(([, shape]) => shape.keys?.includes(key))?.[0];
  const section = owner === '' ? 'at the top level' : `under ${owner?.split('/')[1]}`;
  const belongs = owner === undefined ? '' : ` It belongs ${section}.`;
  return `Unknown key ${show(key)}.${belongs} Expected one of ${known.join(', ')}.`;
}

function wrongValue(pointer: string, { value, scalars }: PolicySource, show: Show): string {
  const expected = shapeAt(pointer)?.expected ?? 'another value';
  const found = valueAt(value, pointer);
  const written = scalars.findLast((scalar) => scalar.pointer === pointer)?.text ?? '';
  // What is not the name of a variable may well be the secret.
  if (pointer.endsWith('/tokenVariable')) return `Expected ${expected}; the value is not shown.`;
  if (typeof found === 'string') return wrongText(found, expected, show);
  if (found === null) return `Expected ${expected}, found nothing.`;
  if (typeof found === 'object') return `Expected ${expected}, found ${collection(found, expected)}.`;
  const shown = show(written).replaceAll('"', '');
  const quotes = /^(?:text|a project key)/.test(expected) ? ` Put it in quotes: "${shown}".` : '';
  return `Expected ${expected}, found the ${typeof found} ${shown}.${quotes}`;
}

function collection(value: object, expected: string): string {
  if (!Array.isArray(value)) return 'keys and values';
  return value.length === 0 && expected.startsWith('a list') ? 'an empty list' : 'a list';
}

function wrongText(text: string, expected: string, show: Show): string {
  if (text.trim() === '') return `Expected ${expected}, found only spaces.`;
  // A place that accepts only a few words lists them all.
  const words = expected.includes('"') ? [] : expected.split(' or ');
  const near = text
    .trim()
    .replace(/^(?:yes|on)$/i, 'true')
    .replace(/^(?:no|off)$/i, 'false');
  const meant = words.length > 1 ? nearestWord(near, words) : undefined;
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
  const quotes = text.trim() === expected ? ' Write it without quotes.' : '';
  return `Expected ${expected}, found ${show(text)}.${hint}${quotes}`;
}

function keysAt(pointer: string): readonly string[] {
  return shapeAt(pointer)?.keys ?? [];
}

function shapeAt(pointer: string) {
  return shapes[pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*')];
}

/** Findings are at places that the schema knows, whose keys need no escapes. */
function valueAt(value: unknown, pointer: string): unknown {
  const parts = pointer.split('/').slice(1);
  return parts.reduce<unknown>((current, part) => (current as Record<string, unknown>)[part], value);
}
