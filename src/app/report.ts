import type { ChangeRequest } from '../domain/change/change-request.ts';
import { acceptsIssueType, isOfAllowedProject } from '../domain/decision/decision.ts';
import type { DeploymentResult } from '../domain/deployment/announcement.ts';
import { namesTenant } from '../domain/deployment/tenant-title.ts';
import { attempt, Fault, faultWords } from '../domain/fault.ts';
import { foldName } from '../domain/names.ts';
import { text } from '../domain/text.ts';
import { noteMove } from './check-change-request.ts';
import { CustomerComments } from './customer-comments.ts';
import { changeRequestLink } from './outcomes.ts';
import type { RunContext } from './run-context.ts';
import { moveToStatus } from './transition-to.ts';

interface ReportSettings {
  /** Key of the change request that a request, gate or verify earlier in this run used. */
  readonly earlierKey: string | undefined;
  readonly earlierDecisions: readonly string[];
  /** Empty: the status is not changed. */
  readonly successStatus: string;
  readonly failureStatus: string;
}

/** Operation `Report` (V2): says on the change request how the deployment ended. Faults are only warnings. */
export async function report(context: RunContext, settings: ReportSettings): Promise<void> {
  const { log } = context;
  const key = context.settings.suppliedKey ?? settings.earlierKey;
  if (key === undefined) {
    log.warning(
      text`Nothing was reported: no number is supplied, and no earlier step of this run has found a change request. Supply a number, or add a step with the operation Gate before this one.`,
    );
    return;
  }
  const done = await attempt(() => reportOn(context, settings, key));
  if (done instanceof Fault) {
    log.warning(text`The report on ${changeRequestLink(context, key)} failed: ${faultWords(done)}`);
  }
}

async function reportOn(context: RunContext, settings: ReportSettings, key: string): Promise<void> {
  const { log } = context;
  const { earlierDecisions } = settings;
  const isApproved = earlierDecisions.some((decision) => foldName(decision) === 'proceed');
  if (earlierDecisions.length > 0 && !isApproved) return reportUnapproved(context, settings, key);
  const changeRequest = await readAllowed(context, key);
  if (changeRequest === undefined) return;
  const result = resultOf(context);
  log.highlight(text`${changeRequestLink(context, changeRequest.key)}: ${resultWords(context, result)}`);
  const comments = new CustomerComments(context);
  const at = changeRequest.answered?.serverTime;
  await comments.announce(changeRequest.key, { event: 'deployment-ends', result, at });
  await changeStatus(context, settings, changeRequest, result);
}

/**
 * V2: reports that no step of this run allowed the deployment. If the deployment succeeded nevertheless, a
 * comment on the change request says so.
 */
async function reportUnapproved(
  context: RunContext,
  { earlierDecisions }: ReportSettings,
  key: string,
): Promise<void> {
  const { log, settings } = context;
  const decided = earlierDecisions.join(', ');
  const notNeeded = earlierDecisions.every((decision) => foldName(decision) === 'notrequired');
  // Octopus does not say whether a runbook run succeeded.
  const wentOn = !notNeeded && resultOf(context) === 'succeeded';
  log.warning(
    wentOn
      ? text`The deployment went ahead although no step of this run had allowed it (${decided}). The status of ${changeRequestLink(context, key)} is not changed.`
      : text`The status of ${changeRequestLink(context, key)} is not changed: no step of this run has allowed the deployment (${decided}).`,
  );
  if (!wentOn || settings.customerComments === 'none') return;
  const changeRequest = await readAllowed(context, key);
  if (changeRequest === undefined) return;
  await new CustomerComments(context).announce(changeRequest.key, {
    event: 'deployment-ends',
    result: 'went-on-unapproved',
    at: changeRequest.answered?.serverTime,
  });
}

/**
 * Reads the change request, but neither its window nor its approvals: a report decides nothing, and must not
 * fail over what only a decision needs.
 * @returns undefined if its project or issue type is not allowed (L4, L14)
 */
async function readAllowed(context: RunContext, key: string): Promise<ChangeRequest | undefined> {
  const { serviceDesk, settings, log, record } = context;
  const changeRequest = await serviceDesk.glance(key, 'as-check');
  noteMove(context, key, changeRequest);
  const { rules } = settings;
  if (isOfAllowedProject(changeRequest, rules) && acceptsIssueType(changeRequest, rules)) {
    record.mayHaveReported = true;
    return changeRequest;
  }
  log.warning(
    text`Nothing was reported on ${changeRequestLink(context, changeRequest.key)}: its project or issue type is not allowed.`,
  );
  return undefined;
}

/** Returns `ended` for a runbook run without an error: Octopus may set no variable when it fails. */
function resultOf({ settings: { deployment } }: RunContext): 'succeeded' | 'failed' | 'ended' {
  if (deployment.error !== '') return 'failed';
  return deployment.isRunbookRun ? 'ended' : 'succeeded';
}

function resultWords({ settings: { deployment } }: RunContext, result: DeploymentResult) {
  const what = deployment.isRunbookRun ? 'the runbook run' : 'the deployment';
  return result === 'failed' ? text`${what} failed: ${deployment.error}` : text`${what} ${result}.`;
}

async function changeStatus(
  context: RunContext,
  settings: ReportSettings,
  changeRequest: ChangeRequest,
  result: DeploymentResult,
): Promise<void> {
  const status = result === 'failed' ? settings.failureStatus : settings.successStatus;
  if (status === '') return;
  const { log } = context;
  const { deployment } = context.settings;
  const where = changeRequestLink(context, changeRequest.key);
  if (result === 'ended') {
    log.info(
      text`The status of ${where} is not changed: Octopus does not show how a runbook run without an error ended.`,
    );
    return;
  }
  if (deployment.tenant !== '' && !namesTenant(changeRequest.summary, deployment)) {
    log.info(
      text`The status of ${where} is not changed: its title covers other tenants as well as ${deployment.tenant}.`,
    );
    return;
  }
  const moved = await moveToStatus(context, changeRequest.key, status);
  if (moved.kind === 'impossible') log.warning(moved.why);
  else
    log.info(
      moved.kind === 'moved' ? text`${where} is now ${status}.` : text`${where} is already ${status}.`,
    );
}
