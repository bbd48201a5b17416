import type { ApprovalCheck } from '../../domain/approval-check.ts';
import type { ChangeRules } from '../../domain/decision.ts';
import { isParkedAt, keyParkedFor, type ParkLine, readParkLine } from '../../domain/park-line.ts';
import type { OctopusRun } from '../../domain/run-line.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ServiceDesk } from '../ports.ts';
import type { BulkReader, Interruption } from './ports.ts';

/** One configured connection, as a pass uses it. */
export interface ParkedSite {
  /** Root URL of the JSM site, without a slash at its end. */
  readonly root: string;
  /** Those of a look without approvals. */
  readonly rules: ChangeRules;
  readonly approvalCheck: ApprovalCheck;
  readonly serviceDesk: ServiceDesk;
  readonly bulk: BulkReader;
  /** R6: what is wrong with its configuration; it is not asked then. */
  readonly problem: Text | undefined;
}

/** A deployment or runbook run that waits in a Manual Intervention for a change request. */
export interface ParkedRun {
  readonly interruption: Interruption;
  readonly runId: string;
  readonly key: string;
  readonly site: ParkedSite;
}

/** What a pass has to do with an interruption. */
type Place =
  | { readonly kind: 'parked'; readonly run: ParkedRun }
  /** It is parked here, and the account cannot answer it. */
  | { readonly kind: 'not-answerable'; readonly runId: string; readonly why: Text }
  /** It is parked here, for a change request of which no connection knows. */
  | { readonly kind: 'not-configured'; readonly runId: string; readonly browseUrl: string };

/** R3: whether an interruption is one that this pass answers; undefined if it is nothing of ours. */
export function placeOf(
  interruption: Interruption,
  here: Omit<OctopusRun, 'runId'>,
  sites: readonly ParkedSite[],
): Place | undefined {
  const { isPending, isManualIntervention, isLinked, isTaken, isOwn, canTake } = interruption;
  if (!isPending || !isManualIntervention || isLinked) return undefined;
  const line = readParkLine(interruption.instructions);
  if (line === undefined || !isParkedAt(line, here) || !isOfItsOwnRun(line, interruption)) return undefined;
  const { runId } = line.run;
  if (isTaken && !isOwn) {
    return { kind: 'not-answerable', runId, why: text`another user has taken responsibility for it.` };
  }
  if (!canTake) {
    return {
      kind: 'not-answerable',
      runId,
      why: text`the account of Octopus API key (JsmChange.OctopusApiKey) cannot take responsibility for it. Make the account a member of the responsible team of the Manual Intervention.`,
    };
  }
  for (const site of sites) {
    const key = keyParkedFor(line, site.root);
    if (key !== undefined && site.rules.projects.includes(key.slice(0, key.lastIndexOf('-')))) {
      return { kind: 'parked', run: { interruption, runId, key, site } };
    }
  }
  return { kind: 'not-configured', runId, browseUrl: line.browseUrl };
}

function isOfItsOwnRun({ run: { runId } }: ParkLine, { relatedDocumentIds }: Interruption): boolean {
  const folded = runId.toLowerCase();
  return (
    /^(?:deployments|runbookruns)-/.test(folded) &&
    relatedDocumentIds.some((related) => related.toLowerCase() === folded)
  );
}
