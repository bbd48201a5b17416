import { nearestWord } from '../domain/nearest-word.ts';
import { type SchemaError, shapes } from './policy-validator.js';
import { type Finding, pointerTo, type Show } from './problem.ts';
import { isSecretKey, secretMessage, tokensIn } from './secrets.ts';
import type { PolicySource } from './source.ts';

/** Returns pointers to the keys that the schema does not know. */
export function unknownKeys(errors: readonly SchemaError[]): readonly string[] {
  return errors.flatMap(({ instancePath, params: { additionalProperty: key } }) =>
    key === undefined ? [] : pointerTo(instancePath, String(key)),
  );
}

/** Returns, in words, every violation of a policy's JSON Schema. */
export function shapeFindings(
  errors: readonly SchemaError[],
  source: PolicySource,
  show: Show,
): readonly Finding[] {
  return errors.flatMap(({ instancePath: pointer, keyword, params }): Finding | [] => {
    if (keyword === 'if') return [];
    const { additionalProperty: unknown, missingProperty: missing } = params;
    if (typeof unknown === 'string') {
      return {
        pointer: pointerTo(pointer, unknown),
        ofKey: true,
        message: unknownKey(unknown, pointer, show),
      };
    }
    if (typeof missing !== 'string') return { pointer, message: wrongValue(pointer, source, show) };
    const isMisspelt = errors.some(
      (other) =>
        other.instancePath === pointer &&
        nearestWord(String(other.params['additionalProperty'] ?? ''), keysAt(pointer)) === missing,
    );
    const place = pointerTo(pointer, missing);
    const message = `The key ${missing} is missing. Expected ${shapeAt(place)?.expected}.`;
    return isMisspelt ? [] : { pointer: place, message };
  });
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

function wrongValue(pointer: string, { places, scalars }: PolicySource, show: Show): string {
  const expected = `Expected ${shapeAt(pointer)?.expected}`;
  const found = places.get(pointer)?.value;
  // A value that is not the name of a variable may well be the secret.
  if (pointer.endsWith('/tokenVariable')) return `${expected}; the value is not shown.`;
  if (typeof found === 'string') return `${expected}, found ${wrongText(found, expected, show)}`;
  if (found === null) return `${expected}, found nothing.`;
  if (typeof found === 'object') {
    const isEmpty = Array.isArray(found) && found.length === 0 && expected.startsWith('Expected a list');
    const kind = Array.isArray(found) ? 'a list' : 'keys and values';
    return `${expected}, found ${isEmpty ? 'an empty list' : kind}.`;
  }
  const written = show(scalars.findLast((scalar) => scalar.pointer === pointer)?.text ?? '');
  const quotes = /^Expected (?:text|a project key)/.test(expected) ? ` Put it in quotes: ${written}.` : '';
  return `${expected}, found the ${typeof found} ${written.replaceAll('"', '')}.${quotes}`;
}

function wrongText(text: string, expected: string, show: Show): string {
  if (text.trim() === '') return 'only spaces.';
  // If a place accepts only a few words, `expected` lists them all.
  const words = expected.includes('"') ? [] : expected.replace('Expected ', '').split(' or ');
  const meant = text
    .trim()
    .replace(/^(?:yes|on)$/i, 'true')
    .replace(/^(?:no|off)$/i, 'false');
  const near = words.length > 1 ? nearestWord(meant, words) : undefined;
  const quotes = text.trim() === words[0] ? ' Write it without quotes.' : '';
  return `${show(text)}.${near === undefined ? '' : ` Did you mean ${near}?`}${quotes}`;
}

function keysAt(pointer: string): readonly string[] {
  return shapeAt(pointer)?.keys ?? [];
}

function shapeAt(pointer: string) {
  return shapes[pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*')];
}
