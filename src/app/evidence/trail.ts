import { isDeepStrictEqual } from 'node:util';
import type { Approval } from '../../domain/change/approval-check.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { canonical, chained } from './digest.ts';
import { harmless } from './harmless.ts';
import { approvalFacts, checkEntry, isoOf, timesOf } from './read-entries.ts';
import type { ApprovalsEntry, OmittedEntry, ReadEntry, ReadTimes, RecordEntry } from './record.ts';

/**
 * E2: how many entries are kept, and the size of their JSON; of 1 MB, the rest is for the head and the words of
 * the ending.
 */
const mostEntries = 500;
const mostBytes = 900_000;
/** In the record, an entry has a digest as well. */
const digestBytes = 80;

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
  readonly #sizes = new WeakMap<RecordEntry, number>();
  /** The size of the largest entry so far. */
  #largest = 0;

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
      this.#repeat(last, harmless(timesOf(check), this.#redact));
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
      this.#repeat(last, entry.first);
      return;
    }
    this.#entries.push(entry);
    this.#largest = Math.max(this.#largest, this.#sizeOf(entry));
    while (this.#isOver()) if (!this.#omitNewest()) break;
  }

  /** Counts another read that shows the same as an entry, in place. */
  #repeat(entry: ReadEntry, times: ReadTimes): void {
    Object.assign(entry, { count: entry.count + 1, last: times });
    this.#sizes.delete(entry);
  }

  /**
   * Returns whether the entries exceed a limit. Two more as large as the largest must fit: the ending repeats the
   * approvals, and a check after a digest cannot take the place of one that the digest covers.
   */
  #isOver(): boolean {
    const kept = this.#entries.filter(({ kind }) => kind !== 'omitted').length;
    const bytes = this.#entries.reduce((sum, entry) => sum + this.#sizeOf(entry), 0);
    return kept > mostEntries || bytes + 2 * this.#largest > mostBytes;
  }

  #sizeOf(entry: RecordEntry): number {
    const size = this.#sizes.get(entry) ?? Buffer.byteLength(JSON.stringify(entry)) + digestBytes;
    this.#sizes.set(entry, size);
    return size;
  }

  /**
   * Counts the newest entry that need not be kept. The ending may follow from the last check, so that one is
   * kept.
   * @returns false if there is none
   */
  #omitNewest(): boolean {
    const entries = this.#entries;
    const lastCheck = entries.findLastIndex(({ kind }) => kind === 'check');
    const index = entries.findLastIndex(
      (entry, at) => at >= this.#sealed && at !== lastCheck && mayBeOmitted(entry),
    );
    if (index < 0) return false;
    const isOmitted = (at: number): boolean => at >= this.#sealed && entries[at]?.kind === 'omitted';
    const from = isOmitted(index - 1) ? index - 1 : index;
    const to = isOmitted(index + 1) ? index + 2 : index + 1;
    entries.splice(from, to - from, entries.slice(from, to).reduce<OmittedEntry>(counted, nothingOmitted));
    return true;
  }
}

const nothingOmitted: OmittedEntry = { kind: 'omitted', entries: 0, checks: 0, sha256: '' };

/** Counts one more entry that is not kept, or those that were omitted after it. */
function counted(before: OmittedEntry, entry: RecordEntry): OmittedEntry {
  if (entry.kind === 'omitted' && before.entries === 0) return entry;
  const { entries, checks } =
    entry.kind === 'omitted' ? entry : { entries: 1, checks: isRead(entry) ? entry.count : 0 };
  return {
    kind: 'omitted',
    entries: before.entries + entries,
    checks: before.checks + checks,
    sha256: chained(before.sha256, entry),
  };
}

function isRead(entry: RecordEntry): entry is ReadEntry {
  return entry.kind === 'check' || entry.kind === 'lookup';
}

/** Writes to the site are few, and always kept. */
function mayBeOmitted(entry: RecordEntry): boolean {
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

/** Returns what an entry shows, without its times and count. */
function shows(entry: ReadEntry): string {
  return canonical({ ...entry, count: 0, first: 0, last: 0 });
}
