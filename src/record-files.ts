import {
  type Circumstances,
  changeRecord,
  digestSoFar,
  recordName,
  recordText,
} from './app/evidence/change-record.ts';
import { sha256 } from './app/evidence/digest.ts';
import { recordPage } from './app/evidence/page/page.ts';
import type { Trail } from './app/evidence/trail.ts';
import type { Outcome } from './domain/decision/outcome.ts';
import { type HeadSource, recordHead } from './record-head.ts';

/** What a record is made of; see {@link HeadSource}. */
export interface RecordSource extends HeadSource {
  readonly trail: Trail;
  readonly redact: (text: string) => string;
}

interface RecordFiles {
  /** Without an ending such as `.json`. */
  readonly name: string;
  readonly json: string;
  /** SHA-256 of the JSON's file (E4). */
  readonly jsonSha256: string;
  readonly html: string;
}

/** Makes the files of the change record. */
export interface RecordWriter {
  /** E1: both files of a run that ended so. */
  files(source: RecordSource, outcome: Outcome, circumstances: Circumstances): RecordFiles;
  /** E4: the digest of the record as it is now. */
  digest(source: RecordSource): string;
}

export const recordWriter: RecordWriter = { files: recordFiles, digest: recordDigest };

function recordFiles(source: RecordSource, outcome: Outcome, circumstances: Circumstances): RecordFiles {
  const { trail, redact } = source;
  const head = recordHead(source, redact);
  const record = changeRecord(head, trail.entries, outcome, circumstances, redact);
  const json = recordText(record);
  return {
    name: recordName(circumstances.changeRequest?.key, head.run.runId),
    json,
    jsonSha256: sha256(json),
    html: recordPage(record),
  };
}

function recordDigest(source: RecordSource): string {
  return digestSoFar(recordHead(source, source.redact), source.trail.entries);
}
