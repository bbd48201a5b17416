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

/** The record that a run left. It is one by the schema, and holds. */
export function leftRecord({ files }: Pick<SimulatedRun, 'files'>): LeftRecord {
  const left = recordIn(files);
  expect(wrong(left.record)).toEqual([]);
  return left;
}

/** The record as it is, whether it holds or not. */
function recordIn(files: ReadonlyMap<string, string>): LeftRecord {
  const names = [...files.keys()].map((name) => name.replace(/\.(json|html)$/, ''));
  const [name = ''] = names;
  expect([...files.keys()]).toEqual([`${name}.json`, `${name}.html`]);
  const json = files.get(`${name}.json`) ?? '';
  return { name, json, html: files.get(`${name}.html`) ?? '', record: JSON.parse(json) };
}

/** What is wrong with a record; none if it holds. */
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
