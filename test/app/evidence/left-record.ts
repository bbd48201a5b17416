import { expect } from 'vitest';
import { shapeProblems } from '../../../scripts/replay/record-schema.ts';
import { type Finding, replayed } from '../../../scripts/replay/replayed-record.ts';
import type { ChangeRecord, RecordEntry } from '../../../src/app/evidence/record.ts';
import type { SimulatedRun } from '../../simulation/simulate.ts';

export interface LeftRecord {
  readonly name: string;
  readonly json: string;
  readonly html: string;
  readonly record: ChangeRecord;
}

/** Returns the record that a run left, after asserting that it fits its schema and is consistent. */
export function leftRecord({ files }: Pick<SimulatedRun, 'files'>): LeftRecord {
  const left = recordIn(files);
  expect(wrong(left.record)).toEqual([]);
  return left;
}

/** Returns the record, consistent or not. */
function recordIn(files: ReadonlyMap<string, string>): LeftRecord {
  const names = [...files.keys()].map((name) => name.replace(/\.(json|html)$/, ''));
  const [name = ''] = names;
  expect([...files.keys()]).toEqual([`${name}.json`, `${name}.html`]);
  const json = files.get(`${name}.json`) ?? '';
  return { name, json, html: files.get(`${name}.html`) ?? '', record: JSON.parse(json) };
}

/** The problems of a record; empty if it is consistent. */
export function wrong(record: unknown): readonly Finding[] {
  const problems = shapeProblems(record);
  if (problems.length > 0) return problems;
  return replayed(record as ChangeRecord).filter(({ holds }) => !holds);
}

export function entriesOf<Kind extends RecordEntry['kind']>(
  { entries }: ChangeRecord,
  kind: Kind,
): readonly Extract<RecordEntry, { kind: Kind }>[] {
  return entries.filter(
    (entry): entry is typeof entry & Extract<RecordEntry, { kind: Kind }> => entry.kind === kind,
  );
}
