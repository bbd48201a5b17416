import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import type { Finding } from './replayed-record.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../docs/change-record.schema.json', import.meta.url), 'utf8'),
);
// The kind of an entry is at least one of them: the errors of the others say nothing.
const validate = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false }).compile(schema);

/** Where a value is not a change record, as the published schema describes it. */
export function shapeProblems(value: unknown): readonly Finding[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => ({
    where: placeOf(error),
    holds: false,
    says: `${error.message ?? 'is not as the schema says'}`,
  }));
}

/** `/entries/3/first` as `entries[3].first` */
function placeOf({ instancePath }: ErrorObject): string {
  const place = instancePath
    .replace(/\/(\d+)/g, '[$1]')
    .replaceAll('/', '.')
    .replace(/^\./, '');
  return place === '' ? 'file' : place;
}
