import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { withdrawnInFavourOf, withdrawnSummary } from '../../domain/deployment/title.ts';
import { issueNumberOf } from '../../domain/issue-key.ts';
import type { RunContext } from '../run-context.ts';
import { findByTitle, glanceIfThere, hasTitle, isOpenOfTitle, isOwn } from './lookup.ts';

/** C4: when the issues numbered below the run's own are read, as delays from its creation. */
const neighbourChecksMs = [2000, 5000];
/** C4: when the index is searched as well. */
const searchChecksMs = [30_000, 120_000];
/** C4: an issue that is older than the run's own by more than this does not come from a racing run. */
const reachMs = 3 * 60_000;
/**
 * C4: this many consecutive old issues end the reading. A single one does not: an issue that was moved in
 * from another project keeps its old date.
 */
const enoughOld = 5;
const mostNeighbours = 50;
/** C4: a status that the change request reached within this time of its creation counts as its first. */
export const firstStatusMs = 30_000;

/**
 * C4: after a run has raised its own change request, watches for an older open one with the same title that a
 * racing run raised at the same time. Reads by key are consistent, so the issues numbered just below the
 * run's own show what the index does not show yet. The watch only reads; `checkRace` acts on what it shows.
 */
export class RaceWatch {
  readonly own: ChangeRequest;
  readonly #context: RunContext;
  readonly #createdAt: number | undefined;
  readonly #firstStatuses = new Set<string>();
  readonly #due: { readonly at: number; readonly check: 'neighbours' | 'search' }[];
  /** Missing numbers: their issues may be about to appear, so they are read again. */
  readonly #unseen = new Set<number>();
  #checked = false;
  #refused: ChangeRequest | undefined;

  /**
   * @param createdAt steady clock when the change request was raised; undefined if the run found it later, as
   *   a retried step does: the first check is then due immediately
   */
  constructor(context: RunContext, own: ChangeRequest, createdAt: number | undefined) {
    this.#context = context;
    this.own = own;
    this.#createdAt = createdAt;
    const [firstCheckMs = 0] = neighbourChecksMs;
    const from = createdAt ?? context.clock.now() - firstCheckMs;
    this.#due = [
      ...neighbourChecksMs.map((ms) => ({ at: from + ms, check: 'neighbours' as const })),
      ...searchChecksMs.map((ms) => ({ at: from + ms, check: 'search' as const })),
    ];
    this.sawStatus(own);
  }

  /** Notes the status that a read of the run's own shows; one seen in the first 30 s counts as its first. */
  sawStatus(changeRequest: ChangeRequest): void {
    if (this.#createdAt === undefined) return;
    if (this.#context.clock.now() - this.#createdAt <= firstStatusMs) {
      this.#firstStatuses.add(markOf(changeRequest));
    }
  }

  /** Returns when the next check is due, by the steady clock; undefined if none is left. */
  dueAt(): number | undefined {
    return this.#due[0]?.at;
  }

  /** C4: returns whether the run may end: not before the first check, nor while an issue may still appear. */
  mayEnd(): boolean {
    return this.#checked && (this.#unseen.size === 0 || this.#due[0]?.check !== 'neighbours');
  }

  /**
   * Waits for the next check, and makes it.
   * @returns other open change requests with the title that are older, or that this run raised as well
   */
  async checkNext(): Promise<readonly ChangeRequest[]> {
    const next = this.#due[0];
    if (next === undefined) return [];
    const { clock } = this.#context;
    await this.#context.sleep(Math.max(0, next.at - clock.now()));
    const others = next.check === 'neighbours' ? await this.#olderNeighbours() : await this.#othersByTitle();
    this.#due.shift();
    this.#checked = true;
    return others;
  }

  /** L9: returns a closed change request of this run that is older than the one watched. */
  get refused(): ChangeRequest | undefined {
    return this.#refused;
  }

  /** Reads the numbers below the run's own, nearest first; the second time only those that were missing. */
  async #olderNeighbours(): Promise<readonly ChangeRequest[]> {
    const own = issueNumberOf(this.own.key);
    const numbers = this.#checked
      ? [...this.#unseen]
      : Array.from({ length: Math.min(mostNeighbours, own - 1) }, (_, index) => own - 1 - index);
    const olders = new Map<string, ChangeRequest>();
    /** Keys that withdrawn neighbours name; each is read once. */
    const named = new Set<string>();
    let oldInARow = 0;
    for (const number of numbers) {
      const key = `${this.own.projectKey}-${number}`;
      const neighbour = await glanceIfThere(this.#context, key);
      if (neighbour === undefined) {
        this.#unseen.add(number);
        continue;
      }
      this.#unseen.delete(number);
      if (isOpenOfTitle(this.#context, neighbour)) olders.set(key, neighbour);
      else this.noteRefusal(neighbour);
      const older = await this.#olderThatItNames(neighbour, named);
      if (older !== undefined) olders.set(older.key, older);
      oldInARow = this.isBeyondReach(neighbour) ? oldInARow + 1 : 0;
      if (oldInARow === enoughOld && !this.#checked) break;
    }
    return [...olders.values()];
  }

  /** Returns whether another issue is too old to come from a racing run. */
  isBeyondReach(neighbour: ChangeRequest): boolean {
    const { created } = this.own;
    if (created === undefined || neighbour.created === undefined) return false;
    return created.getTime() - neighbour.created.getTime() > reachMs;
  }

  /**
   * Follows a withdrawn neighbour to the one that it names, which may be beyond the numbers read here (L10).
   */
  async #olderThatItNames(neighbour: ChangeRequest, named: Set<string>): Promise<ChangeRequest | undefined> {
    const context = this.#context;
    let withdrawn = neighbour;
    for (;;) {
      const { summary } = withdrawn;
      const key = withdrawnInFavourOf(summary);
      const isOfTitle = key !== undefined && summary === withdrawnSummary(key, context.settings.title);
      if (!isOfTitle || named.has(key)) return undefined;
      named.add(key);
      const next = await glanceIfThere(context, key);
      if (next === undefined || issueNumberOf(next.key) >= issueNumberOf(withdrawn.key)) return undefined;
      if (isOpenOfTitle(context, next)) return next;
      withdrawn = next;
    }
  }

  async #othersByTitle(): Promise<readonly ChangeRequest[]> {
    const own = issueNumberOf(this.own.key);
    const { open, closed } = await findByTitle(this.#context, 'phrase');
    for (const changeRequest of closed) this.noteRefusal(changeRequest);
    return open.filter(
      (other) =>
        issueNumberOf(other.key) < own || (other.key !== this.own.key && isOwn(this.#context, other)),
    );
  }

  /** C4: returns whether the run's own is in its first status; if that was not seen, the category decides. */
  isInFirstStatus(own: ChangeRequest): boolean {
    this.sawStatus(own);
    if (this.#firstStatuses.size === 0) return own.status.category === 'new';
    return this.#firstStatuses.has(markOf(own));
  }

  /** L9: notes a closed change request of this run that is older, and that the index did not show before. */
  noteRefusal(changeRequest: ChangeRequest): void {
    const isEarlier = issueNumberOf(changeRequest.key) < issueNumberOf(this.own.key);
    if (isEarlier && hasTitle(this.#context, changeRequest) && isOwn(this.#context, changeRequest)) {
      this.#refused = changeRequest;
    }
  }
}

/** Identifies a status, even if the answer has no id for it. */
function markOf({ status }: ChangeRequest): string {
  return `${status.id}|${status.name}`;
}
