import type { ApprovalCheck } from '../../domain/change/approval-check.ts';
import type { ChangeRules } from '../../domain/decision/decision.ts';
import { isParkedAt, keyParkedFor, type ParkLine, readParkLine } from '../../domain/deployment/park-line.ts';
import type { OctopusRun } from '../../domain/deployment/run-line.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ServiceDesk } from '../ports.ts';
import type { BulkReader, Interruption } from './ports.ts';

/** One configured connection, as a pass uses it. */
export interface ParkedSite {
  /** Root URL of the JSM site, without a slash at its end. */
  readonly root: string;
  /** The keys of the projects in which this connection's own change requests are. */
  readonly serviceProjects: readonly string[];
  /** Those of a check without approvals. */
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
export type Place =
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
    return {
      kind: 'not-answerable',
      runId,
      why: text`another user has taken responsibility for the Manual Intervention.`,
    };
  }
  if (!canTake) {
    return {
      kind: 'not-answerable',
      runId,
      why: text`the account of Octopus API key (JsmChange.OctopusApiKey) cannot take responsibility for the Manual Intervention. Make the account a member of its responsible team.`,
    };
  }
  const [run] = sites
    .flatMap((site) => runOf(site, line, interruption) ?? [])
    .toSorted((a, b) => rankOf(a) - rankOf(b));
  return run === undefined
    ? { kind: 'not-configured', runId, browseUrl: line.browseUrl }
    : { kind: 'parked', run };
}

function runOf(site: ParkedSite, line: ParkLine, interruption: Interruption): ParkedRun | undefined {
  const key = keyParkedFor(line, site.root);
  if (key === undefined || !site.rules.projects.includes(projectOf(key))) return undefined;
  return { interruption, runId: line.run.runId, key, site };
}

/** R3: of several connections to one site, one that works, and then the one of the project's own entries. */
function rankOf({ key, site }: ParkedRun): number {
  return (site.problem === undefined ? 0 : 2) + (site.serviceProjects.includes(projectOf(key)) ? 0 : 1);
}

function projectOf(key: string): string {
  return key.slice(0, key.lastIndexOf('-'));
}

function isOfItsOwnRun({ run: { runId } }: ParkLine, { relatedDocumentIds }: Interruption): boolean {
  const folded = runId.toLowerCase();
  return (
    /^(?:deployments|runbookruns)-/.test(folded) &&
    relatedDocumentIds.some((related) => related.toLowerCase() === folded)
  );
}
