import type { DeploymentOutcome } from '../domain/announcement.ts';
import type { ChangeRequest } from '../domain/change-request.ts';
import { foldName } from '../domain/change-state.ts';
import { acceptsIssueType } from '../domain/decision.ts';
import { Fault } from '../domain/fault.ts';
import { namesTenant } from '../domain/tenant-title.ts';
import { text } from '../domain/text.ts';
import { CustomerComments } from './customer-comments.ts';
import { changeRequestLink } from './outcomes.ts';
import type { RunContext } from './run-context.ts';
import { takeLook } from './take-look.ts';
import { moveToStatus } from './transition-to.ts';

export interface ReportSettings {
  /** The change request of a gate or verify earlier in this run. */
  readonly earlierKey: string | undefined;
  /** What those decided. */
  readonly earlierDecisions: readonly string[];
  /** Blank: the status is not changed. */
  readonly successStatus: string;
  readonly failureStatus: string;
}

/**
 * Operation `Report` (V2): says on the change request how the deployment ended. Whatever it can't do is a
 * warning.
 */
export async function report(context: RunContext, settings: ReportSettings): Promise<void> {
  const { log } = context;
  const { earlierDecisions } = settings;
  if (earlierDecisions.length > 0 && !earlierDecisions.some((decision) => foldName(decision) === 'proceed')) {
    log.warning(
      text`Nothing is reported: no gate of this run has seen an approved change request (${earlierDecisions.join(', ')}).`,
    );
    return;
  }
  const key = context.settings.suppliedKey ?? settings.earlierKey;
  if (key === undefined) {
    log.warning(
      text`Nothing is reported: no number is supplied, and no gate earlier in this run has left one.`,
    );
    return;
  }
  try {
    await reportOn(context, settings, key);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warning(
      text`The report on ${changeRequestLink(context, key)} failed: ${error.summary} ${error.advice}`,
    );
  }
}

async function reportOn(context: RunContext, settings: ReportSettings, key: string): Promise<void> {
  const { log } = context;
  const look = await takeLook(context, key, undefined);
  const { changeRequest } = look;
  const { rules } = context.settings;
  const isAllowed = rules.projects.includes(changeRequest.projectKey.toUpperCase());
  if (!isAllowed || !acceptsIssueType(changeRequest, rules)) {
    log.warning(
      text`Nothing is reported on ${changeRequestLink(context, changeRequest.key)}: its project or issue type is not allowed.`,
    );
    return;
  }
  const outcome = outcomeOf(context);
  log.highlight(text`${changeRequestLink(context, changeRequest.key)}: ${outcomeWords(context, outcome)}`);
  const comments = new CustomerComments(context);
  await comments.announce(changeRequest.key, { event: 'deployment-ends', outcome, at: look.serverTime });
  await changeStatus(context, settings, changeRequest, outcome);
}

/** A runbook run may end with an error without a variable that tells it. */
function outcomeOf({ settings: { deployment } }: RunContext): DeploymentOutcome {
  if (deployment.error !== '') return 'failed';
  return deployment.isRunbookRun ? 'ended' : 'succeeded';
}

function outcomeWords({ settings: { deployment } }: RunContext, outcome: DeploymentOutcome) {
  const what = deployment.isRunbookRun ? 'the runbook run' : 'the deployment';
  return outcome === 'failed' ? text`${what} failed: ${deployment.error}` : text`${what} ${outcome}.`;
}

async function changeStatus(
  context: RunContext,
  settings: ReportSettings,
  changeRequest: ChangeRequest,
  outcome: DeploymentOutcome,
): Promise<void> {
  const status = outcome === 'failed' ? settings.failureStatus : settings.successStatus;
  if (status === '') return;
  const { log } = context;
  const { deployment } = context.settings;
  const where = changeRequestLink(context, changeRequest.key);
  if (outcome === 'ended') {
    log.info(text`The status of ${where} is left alone: whether the runbook run succeeded is not known.`);
    return;
  }
  if (deployment.tenant !== '' && !namesTenant(changeRequest.summary, deployment)) {
    log.info(
      text`The status of ${where} is left alone: its title covers other tenants as well as ${deployment.tenant}.`,
    );
    return;
  }
  const moved = await moveToStatus(context, changeRequest.key, status);
  if (moved.kind === 'impossible') log.warning(moved.why);
  else
    log.info(
      moved.kind === 'moved' ? text`${where} is now ${status}.` : text`${where} is ${status} already.`,
    );
}
