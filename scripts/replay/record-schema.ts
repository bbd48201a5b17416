import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import type { Finding } from './replayed-record.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/change-record.schema.json', import.meta.url), 'utf8'),
);
// An entry matches at least one of the kinds in the schema; the errors of the other kinds do not help.
const validate = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile(schema);

/** Lists where a value differs from a change record as the published schema describes it. */
export function shapeProblems(value: unknown): readonly Finding[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => ({
    where: placeOf(error),
    holds: false,
    says: `${error.message ?? 'does not match the schema'}`,
  }));
}

/** Writes `/entries/3/first` as `entries[3].first`. */
function placeOf({ instancePath }: ErrorObject): string {
  const place = instancePath
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
    .replace(/^\./, '');
  return place === '' ? 'file' : place;
}
