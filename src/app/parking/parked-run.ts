import type { ApprovalCheck } from '../../domain/change/approval-check.ts';
import type { ChangeRules } from '../../domain/decision/decision.ts';
import { isParkedAt, keyParkedFor, type ParkLine, readParkLine } from '../../domain/deployment/park-line.ts';
import type { OctopusRun } from '../../domain/deployment/run-line.ts';
import { projectKeyOf } from '../../domain/issue-key.ts';
import { type Text, text } from '../../domain/text.ts';
import type { ServiceDesk } from '../ports.ts';
import type { BulkReader, Interruption } from './ports.ts';

/** One configured connection, as a pass uses it. */
export interface ParkedSite {
  /** Root URL of the JSM site, without a trailing slash. */
  readonly root: string;
  /** Keys of the service projects that are configured for this connection. */
  readonly serviceProjects: readonly string[];
  /** The rules for a check without approvals. */
  readonly rules: ChangeRules;
  readonly approvalCheck: ApprovalCheck;
  readonly serviceDesk: ServiceDesk;
  readonly bulk: BulkReader;
  /** Whether gates use this connection. */
  readonly isInUse: boolean;
  /** R6: what is wrong with the connection's configuration; if set, the site is not contacted. */
  readonly problem: Text | undefined;
}

/** A deployment or runbook run that waits in a Manual Intervention for a change request. */
export interface ParkedRun {
  readonly interruption: Interruption;
  readonly runId: string;
  readonly key: string;
  readonly site: ParkedSite;
}

/** How a pass treats an interruption. */
export type Place =
  | { readonly kind: 'parked'; readonly run: ParkedRun }
  /** The run is parked in this space, but the account cannot answer the interruption. */
  | { readonly kind: 'not-answerable'; readonly runId: string; readonly why: Text }
  /** The run is parked in this space, but no configured connection covers its change request. */
  | { readonly kind: 'not-configured'; readonly runId: string; readonly browseUrl: string };

/**
 * R3: decides whether this pass answers an interruption; undefined if no run of this space is parked in it.
 */
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
  if (key === undefined || !site.rules.projects.includes(projectKeyOf(key))) return undefined;
  return { interruption, runId: line.run.runId, key, site };
}

/**
 * R3: ranks the connections to a site: those that work first, among them those whose entries name the project,
 * and among these those that gates use.
 */
function rankOf({ key, site }: ParkedRun): number {
  const works = site.problem === undefined;
  const namesProject = site.serviceProjects.includes(projectKeyOf(key));
  return (works ? 0 : 4) + (namesProject ? 0 : 2) + (site.isInUse ? 0 : 1);
}

function isOfItsOwnRun({ run: { runId } }: ParkLine, { relatedDocumentIds }: Interruption): boolean {
  const folded = runId.toLowerCase();
  return (
    /^(?:deployments|runbookruns)-/.test(folded) &&
    relatedDocumentIds.some((related) => related.toLowerCase() === folded)
  );
}
