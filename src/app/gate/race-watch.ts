import type { ChangeRequest } from '../../domain/change/change-request.ts';
import { type Ended, ended } from '../../domain/decision/outcome.ts';
import { withdrawnInFavourOf, withdrawnSummary } from '../../domain/deployment/title.ts';
import { issueNumberOf } from '../../domain/issue-key.ts';
import { cannotWithdraw, ofAnotherServer, refusedBefore } from '../outcomes.ts';
import type { RunContext } from '../run-context.ts';
import { findByTitle, glanceIfThere, hasTitle, isForeign, isOpenOfTitle, isOwn, oldestOf } from './lookup.ts';
import { withdrawOwn } from './withdrawal.ts';

/** C4: when the numbers below the run's own are read, counted from its creation. */
const neighbourChecksMs = [2000, 5000];
/** C4: when the index is asked as well. */
const searchChecksMs = [30_000, 120_000];
/** C4: what was created longer ago than this is not of a run that races. */
const reachMs = 3 * 60_000;
/** C4: this many such in a row end the reading; a single one may have been moved in from another project with its old date. */
const enoughOld = 5;
const mostNeighbours = 50;
/** C4: a status that the change request took within this time of its creation counts as its first. */
export const firstStatusMs = 30_000;

type RaceCheck =
  | { readonly kind: 'alone' }
  /** The run's own is withdrawn; the run continues with the older one. */
  | { readonly kind: 'older'; readonly changeRequest: ChangeRequest }
  | Ended;

/**
 * C4: keeps watch, after a run has raised its own change request, for an older open one of its title that a
 * racing run raised at the same time. Reads by key are consistent, so the numbers just below the run's own
 * show what the index does not yet.
 */
export class RaceWatch {
  readonly #context: RunContext;
  readonly #own: ChangeRequest;
  readonly #createdAt: number | undefined;
  readonly #firstStatuses = new Set<string>();
  readonly #due: { readonly at: number; readonly check: 'neighbours' | 'search' }[];
  /** Numbers that a read did not show: they may be in the making, and are read again. */
  readonly #unseen = new Set<number>();
  /** Those that a withdrawn neighbour names, which are read once. */
  readonly #named = new Set<string>();
  #checked = false;
  /** Kept, since a fault on the way to giving way to it comes back here (F3). */
  #older: ChangeRequest | undefined;
  #refused: ChangeRequest | undefined;

  /**
   * @param createdAt steady clock when the change request was raised; undefined for one that the run found
   *   later, as a retry does: then the checks are due at once
   */
  constructor(context: RunContext, own: ChangeRequest, createdAt: number | undefined) {
    this.#context = context;
    this.#own = own;
    this.#createdAt = createdAt;
    const [firstCheckMs = 0] = neighbourChecksMs;
    const from = createdAt ?? context.clock.now() - firstCheckMs;
    this.#due = [
      ...neighbourChecksMs.map((ms) => ({ at: from + ms, check: 'neighbours' as const })),
      ...searchChecksMs.map((ms) => ({ at: from + ms, check: 'search' as const })),
    ];
    this.sawStatus(own);
  }

  /** Notes the status that a look at the run's own shows: only those of the first 30 s count as first ones. */
  sawStatus(changeRequest: ChangeRequest): void {
    if (this.#createdAt === undefined) return;
    if (this.#context.clock.now() - this.#createdAt <= firstStatusMs) {
      this.#firstStatuses.add(markOf(changeRequest));
    }
  }

  /** Steady clock of the next check; undefined when none is left. */
  dueAt(): number | undefined {
    return this.#due[0]?.at;
  }

  /** C4: no run ends before the first check, nor while a number below its own may be in the making. */
  mayEnd(): boolean {
    return this.#checked && (this.#unseen.size === 0 || this.#due[0]?.check !== 'neighbours');
  }

  /** Waits for the next check and does it. */
  async checkNext(): Promise<RaceCheck> {
    if (this.#older === undefined) await this.#check();
    if (this.#older !== undefined) return this.#giveWay(this.#older);
    return this.#refused === undefined ? { kind: 'alone' } : this.#endRefused(this.#refused);
  }

  async #check(): Promise<void> {
    const next = this.#due[0];
    if (next === undefined) return;
    const { clock } = this.#context;
    await this.#context.sleep(Math.max(0, next.at - clock.now()));
    this.#older = next.check === 'neighbours' ? await this.#olderNeighbour() : await this.#olderByTitle();
    this.#due.shift();
    this.#checked = true;
  }

  /** The numbers below the run's own, nearest first; the second time those that a read did not show. */
  async #olderNeighbour(): Promise<ChangeRequest | undefined> {
    const own = issueNumberOf(this.#own.key);
    const numbers = this.#checked
      ? [...this.#unseen]
      : Array.from({ length: Math.min(mostNeighbours, own - 1) }, (_, index) => own - 1 - index);
    const olders: ChangeRequest[] = [];
    let oldInARow = 0;
    for (const number of numbers) {
      const key = `${this.#own.projectKey}-${number}`;
      const neighbour = await glanceIfThere(this.#context, key);
      if (neighbour === undefined) {
        this.#unseen.add(number);
        continue;
      }
      this.#unseen.delete(number);
      if (isOpenOfTitle(this.#context, neighbour)) olders.push(neighbour);
      else this.#noteRefusal(neighbour);
      const named = await this.#olderThatItNames(neighbour);
      if (named !== undefined) olders.push(named);
      oldInARow = this.#isBeyondReach(neighbour) ? oldInARow + 1 : 0;
      if (oldInARow === enoughOld && !this.#checked) break;
    }
    return oldestOf(olders);
  }

  #isBeyondReach(neighbour: ChangeRequest): boolean {
    const { created } = this.#own;
    if (created === undefined || neighbour.created === undefined) return false;
    return created.getTime() - neighbour.created.getTime() > reachMs;
  }

  /** The one to which a neighbour gave way may lie further down than this run reads (L10). */
  async #olderThatItNames(neighbour: ChangeRequest): Promise<ChangeRequest | undefined> {
    const context = this.#context;
    let named = neighbour;
    for (;;) {
      const key = withdrawnInFavourOf(named.summary);
      const isOfTitle = key !== undefined && named.summary === withdrawnSummary(key, context.settings.title);
      if (!isOfTitle || this.#named.has(key)) return undefined;
      this.#named.add(key);
      const next = await glanceIfThere(context, key);
      if (next === undefined || issueNumberOf(next.key) >= issueNumberOf(named.key)) return undefined;
      if (isOpenOfTitle(context, next)) return next;
      named = next;
    }
  }

  async #olderByTitle(): Promise<ChangeRequest | undefined> {
    const own = issueNumberOf(this.#own.key);
    const { open, closed } = await findByTitle(this.#context, 'phrase');
    for (const changeRequest of closed) this.#noteRefusal(changeRequest);
    return oldestOf(open.filter(({ key }) => issueNumberOf(key) < own));
  }

  /** C4: a run that has not seen the first status of its own goes by the category. */
  #isInFirstStatus(own: ChangeRequest): boolean {
    this.sawStatus(own);
    if (this.#firstStatuses.size === 0) return own.status.category === 'new';
    return this.#firstStatuses.has(markOf(own));
  }

  /** L9: this very run was refused before, and the index did not show it when the run searched. */
  #noteRefusal(changeRequest: ChangeRequest): void {
    const isEarlier = issueNumberOf(changeRequest.key) < issueNumberOf(this.#own.key);
    if (isEarlier && hasTitle(this.#context, changeRequest) && isOwn(this.#context, changeRequest)) {
      this.#refused = changeRequest;
    }
  }

  async #endRefused(refused: ChangeRequest): Promise<RaceCheck> {
    const context = this.#context;
    await withdrawOwn(context, this.#own.key, refused.key, (own) => this.#isInFirstStatus(own));
    return ended(refusedBefore(context, refused));
  }

  async #giveWay(older: ChangeRequest): Promise<RaceCheck> {
    const context = this.#context;
    const withdrawal = await withdrawOwn(context, this.#own.key, older.key, (own) =>
      this.#isInFirstStatus(own),
    );
    if (withdrawal.kind === 'impossible') {
      return ended(cannotWithdraw(context, this.#own.key, older.key, withdrawal.why));
    }
    // L13: the run does not continue with it, and nothing of this run's stays open next to it.
    return isForeign(context, older)
      ? ended(ofAnotherServer(context, older))
      : { kind: 'older', changeRequest: older };
  }
}

/** Distinguishes statuses, even if an answer has no ids of them. */
function markOf({ status }: ChangeRequest): string {
  return `${status.id}|${status.name}`;
}
