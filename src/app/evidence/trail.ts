import { isDeepStrictEqual } from 'node:util';
import type { Approval } from '../../domain/change/approval-check.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { canonical, chained } from './digest.ts';
import { harmless } from './harmless.ts';
import { approvalFacts, checkEntry, isoOf, timesOf } from './read-entries.ts';
import type { ApprovalsEntry, OmittedEntry, ReadEntry, ReadTimes, RecordEntry } from './record.ts';

/** E2: how many entries are kept, and the size of their JSON. Beyond a limit, only the last entry is kept. */
const mostEntries = 500;
const mostBytes = 800_000;

/** A check, with the decision on it if there was one. */
interface JudgedCheck {
  readonly check: TimedCheck;
  readonly decision?: Decision;
}

/**
 * E2: what a run has seen, decided and written, in order, as plain values. Its size is bounded however long a
 * run waits: consecutive reads that show the same are one entry; beyond the limit, entries are only counted.
 */
export class Trail {
  /** A1: the texts that the change request must mention. */
  mustMention: readonly string[] = [];
  readonly #entries: RecordEntry[] = [];
  readonly #redact: (text: string) => string;
  /** Approvals by key, as they were last read. */
  readonly #approvals = new Map<string, { readonly at: string; readonly list: readonly Approval[] }>();
  /** The latest check, while a decision on it may still follow. */
  #open: JudgedCheck | undefined;
  /** The check from which the last entry was made: another check that shows the same needs no entry. */
  #entered: { readonly of: JudgedCheck; readonly entry: RecordEntry } | undefined;
  /** How many entries a digest covers: these must not change any more. */
  #sealed = 0;
  #bytes = 0;

  /** @param redact removes secrets from a text (X3) */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  /** Notes a check. */
  checked(check: TimedCheck): void {
    this.#close();
    this.#open = { check };
    if (check.approvals === undefined) return;
    const at = isoOf(new Date(check.askedAtWallMs)) ?? '';
    this.#approvals.set(check.changeRequest.key, { at, list: check.approvals });
  }

  /** Notes the decision on a check. If something was noted in between, the check is entered a second time. */
  decided(check: TimedCheck, decision: Decision): void {
    if (this.#open?.check !== check) this.#close();
    this.#open = { check, decision };
  }

  /** Notes approvals that were read separately from a check. */
  approvalsRead(key: string, at: string, list: readonly Approval[]): void {
    const before = this.approvalsOf(key);
    this.#approvals.set(key, { at, list });
    const entry = this.approvalsOf(key);
    if (entry !== undefined && canonical(before?.approvals ?? 'unknown') !== canonical(entry.approvals))
      this.note(entry);
  }

  /** Returns the approvals of a change request as they were last read. */
  approvalsOf(key: string): ApprovalsEntry | undefined {
    const read = this.#approvals.get(key);
    return (
      read &&
      harmless(
        { kind: 'approvals', at: read.at, key, approvals: read.list.map(approvalFacts) } as const,
        this.#redact,
      )
    );
  }

  /** Notes any other entry. */
  note(entry: RecordEntry): void {
    this.#close();
    this.#add(harmless(entry, this.#redact));
  }

  /** E4: adds the digest of everything before it, which later entries leave unchanged. */
  seal(sha256: string): void {
    this.#close();
    this.#sealed = this.#entries.length;
    this.#add({ kind: 'digest', sha256 });
    this.#sealed = this.#entries.length;
  }

  get entries(): readonly RecordEntry[] {
    this.#close();
    return this.#entries;
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { check, decision } = open;
    const entered = this.#entered;
    const last = this.#unsealed();
    if (entered !== undefined && entered.entry === last && isRead(last) && showsTheSame(open, entered.of)) {
      repeat(last, harmless(timesOf(check), this.#redact));
      return;
    }
    this.#add(harmless(checkEntry(check, decision, this.mustMention), this.#redact));
    const entry = this.#unsealed();
    this.#entered = entry && { of: open, entry };
  }

  /** Returns the last entry, unless a digest covers it. */
  #unsealed(): RecordEntry | undefined {
    return this.#entries.length > this.#sealed ? this.#entries.at(-1) : undefined;
  }

  #add(entry: RecordEntry): void {
    const last = this.#unsealed();
    if (last !== undefined && isRead(last) && isRead(entry) && shows(last) === shows(entry)) {
      repeat(last, entry.first);
      return;
    }
    const isFull = this.#entries.length >= mostEntries || this.#bytes > mostBytes;
    if (!isFull || last === undefined || !mayBeOmitted(last) || !mayBeOmitted(entry)) {
      this.#bytes += Buffer.byteLength(canonical(entry));
      this.#entries.push(entry);
      return;
    }
    this.#entries.pop();
    // The ending may follow from the last check, so it gives way only to another check.
    const [kept, omitted] = last.kind === 'check' && entry.kind !== 'check' ? [last, entry] : [entry, last];
    this.#omit(omitted);
    this.#entries.push(kept);
  }

  /** Counts an entry that is not kept. */
  #omit(entry: ReadEntry | ApprovalsEntry): void {
    const before = this.#unsealed();
    const omitted: OmittedEntry | undefined = before?.kind === 'omitted' ? before : undefined;
    if (omitted !== undefined) this.#entries.pop();
    this.#entries.push({
      kind: 'omitted',
      entries: (omitted?.entries ?? 0) + 1,
      checks: (omitted?.checks ?? 0) + (isRead(entry) ? entry.count : 0),
      sha256: chained(omitted?.sha256 ?? '', entry),
    });
  }
}

function isRead(entry: RecordEntry): entry is ReadEntry {
  return entry.kind === 'check' || entry.kind === 'lookup';
}

/** Writes to the site are few, and always kept. */
function mayBeOmitted(entry: RecordEntry): entry is ReadEntry | ApprovalsEntry {
  return isRead(entry) || entry.kind === 'approvals';
}

/**
 * Returns whether two checks would make the same entry. Comparing checks needs far less memory than making an
 * entry: a wait of a day has thousands of checks, and nearly all of them show the same.
 */
function showsTheSame(one: JudgedCheck, other: JudgedCheck): boolean {
  return isDeepStrictEqual(shownBy(one), shownBy(other));
}

function shownBy({ check, decision }: JudgedCheck): unknown {
  const { changeRequest, window, timeZone, isWhole, approvals } = check;
  return [changeRequest, window, timeZone, isWhole, approvals, decision];
}

/** Counts another read that shows the same as an entry, in place. */
function repeat(entry: ReadEntry, times: ReadTimes): void {
  Object.assign(entry, { count: entry.count + 1, last: times });
}

/** Returns what an entry shows, without its times and count. */
function shows(entry: ReadEntry): string {
  return canonical({ ...entry, count: 0, first: 0, last: 0 });
}
