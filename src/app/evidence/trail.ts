import type { Approval } from '../../domain/change/approval-check.ts';
import type { Decision } from '../../domain/decision/decision.ts';
import type { TimedLook } from '../../domain/decision/run-record.ts';
import { canonical, chained } from './digest.ts';
import { harmless } from './harmless.ts';
import { approvalFacts, checkEntry, isoOf } from './look-entries.ts';
import type { ApprovalsEntry, LookEntry, OmittedEntry, RecordEntry } from './record.ts';

/** E2: how many entries are kept, and how long their JSON may be together; of what exceeds it, only the last is. */
const mostEntries = 500;
const mostBytes = 800_000;

/**
 * E2: what a run has seen, decided and written, in this order, as plain values. It is bounded however long a run
 * waits: looks that follow each other and show the same are one entry, and those beyond the limit are only counted.
 */
export class Trail {
  /** A1: what the change request must mention. */
  mustMention: readonly string[] = [];
  readonly #entries: RecordEntry[] = [];
  readonly #redact: (text: string) => string;
  /** Approvals by key, so that only a change is noted. */
  readonly #approvals = new Map<string, ApprovalsEntry>();
  /** The latest look, while it may still be decided on. */
  #open: { readonly look: TimedLook; decision?: Decision } | undefined;
  /** How many entries a digest covers: they stay as they are. */
  #sealed = 0;
  #bytes = 0;

  /** @param redact takes secrets out of a text (X3) */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  /** A deciding read. */
  looked(look: TimedLook): void {
    this.#close();
    this.#open = { look };
    if (look.approvals === undefined) return;
    const { key } = look.changeRequest;
    const at = isoOf(new Date(look.askedAtWallMs)) ?? '';
    this.#approvals.set(key, this.#approvalsEntry(key, at, look.approvals));
  }

  /** The decision on a look. One that is decided on after something else was noted is there again. */
  decided(look: TimedLook, decision: Decision): void {
    if (this.#open?.look !== look) this.#close();
    this.#open = { look, decision };
  }

  /** Approvals that were read on their own. */
  approvalsRead(key: string, at: string, approvals: readonly Approval[]): void {
    const entry = this.#approvalsEntry(key, at, approvals);
    const before = this.#approvals.get(key)?.approvals ?? 'unknown';
    this.#approvals.set(key, entry);
    if (canonical(before) !== canonical(entry.approvals)) this.note(entry);
  }

  #approvalsEntry(key: string, at: string, approvals: readonly Approval[]): ApprovalsEntry {
    return harmless(
      { kind: 'approvals', at, key, approvals: approvals.map(approvalFacts) } as const,
      this.#redact,
    );
  }

  /** What the approvals of a change request were when they were last read. */
  approvalsOf(key: string): ApprovalsEntry | undefined {
    return this.#approvals.get(key);
  }

  /** Whatever else is noted, in the order in which it happens. */
  note(entry: RecordEntry): void {
    this.#close();
    this.#add(harmless(entry, this.#redact));
  }

  /** E4: what follows leaves everything before it, and so its digest, as it is. */
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
    if (open !== undefined)
      this.#add(harmless(checkEntry(open.look, open.decision, this.mustMention), this.#redact));
  }

  #add(entry: RecordEntry): void {
    const last = this.#entries.length > this.#sealed ? this.#entries.at(-1) : undefined;
    if (last !== undefined && isLook(last) && isLook(entry) && shows(last) === shows(entry)) {
      const repeated = { ...entry, count: last.count + entry.count, first: last.first, last: entry.first };
      this.#entries[this.#entries.length - 1] = repeated;
      return;
    }
    const isFull = this.#entries.length >= mostEntries || this.#bytes > mostBytes;
    if (isFull && last !== undefined && mayBeOmitted(last)) this.#omit(last);
    else this.#bytes += Buffer.byteLength(canonical(entry));
    this.#entries.push(entry);
  }

  /** Only counts the last entry, whose place another one takes. */
  #omit(last: LookEntry | ApprovalsEntry): void {
    this.#entries.pop();
    const before = this.#entries.length > this.#sealed ? this.#entries.at(-1) : undefined;
    const omitted: OmittedEntry | undefined = before?.kind === 'omitted' ? before : undefined;
    if (omitted !== undefined) this.#entries.pop();
    this.#entries.push({
      kind: 'omitted',
      entries: (omitted?.entries ?? 0) + 1,
      looks: (omitted?.looks ?? 0) + (isLook(last) ? last.count : 0),
      sha256: chained(omitted?.sha256 ?? '', last),
    });
  }
}

function isLook(entry: RecordEntry): entry is LookEntry {
  return entry.kind === 'check' || entry.kind === 'lookup';
}

/** What is written to the site is always kept, and little. */
function mayBeOmitted(entry: RecordEntry): entry is LookEntry | ApprovalsEntry {
  return isLook(entry) || entry.kind === 'approvals';
}

/** Everything of a look but when it was. */
function shows(entry: LookEntry): string {
  return canonical({ ...entry, count: 0, first: 0, last: 0 });
}
