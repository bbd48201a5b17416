import {
  type Approval,
  type ApprovalRule,
  checkApprovals,
  isDeployerUnknown,
} from '../change/approval-check.ts';
import type { ChangeRequest } from '../change/change-request.ts';
import { changeState, isNamed, type StateSets } from '../change/change-state.ts';
import { type ChangeWindow, hasBound, type PlannedTime, placeInWindow } from '../change/change-window.ts';
import { notMentioned } from '../deployment/mention.ts';
import { withdrawnInFavourOf } from '../deployment/title.ts';

/** What a run requires of a change request. */
export interface ChangeRules {
  readonly states: StateSets;
  /** L4: keys of the service project and of the other allowed projects, in upper case. */
  readonly projects: readonly string[];
  /** L14: names or ids of accepted issue types; undefined accepts any. */
  readonly issueTypes: readonly string[] | undefined;
  readonly requirePlannedEnd: boolean;
  /** A1: texts that the change request must mention; empty if it was not supplied. */
  readonly mustMention: readonly string[];
  /** A2 */
  readonly approval: ApprovalRule;
}

/** One check of a change request: everything that a decision depends on, as plain values. */
export interface Check {
  readonly changeRequest: ChangeRequest;
  readonly window: ChangeWindow;
  /** The server's time at the check (W9); undefined if the site does not show it. */
  readonly serverTime: Date | undefined;
  /** A2: the approvals of the change request; undefined if they were not asked for. */
  readonly approvals?: readonly Approval[] | undefined;
}

export type Decision =
  | { readonly kind: 'proceed'; readonly reason: 'approved-in-window' }
  | { readonly kind: 'wait'; readonly reason: 'not-approved' }
  | { readonly kind: 'wait'; readonly reason: 'before-planned-start'; readonly start: Date }
  /** A2: approved by its status, but these approvers or approvals are still missing. */
  | { readonly kind: 'wait'; readonly reason: 'approval-undecided'; readonly missing: readonly string[] }
  /** A2: approved only by the person who deploys (`own`) and by people of unknown identity (`hidden`). */
  | {
      readonly kind: 'wait';
      readonly reason: 'no-other-approver';
      readonly own: readonly string[];
      readonly hidden: readonly string[];
    }
  | { readonly kind: 'stop'; readonly reason: 'project-not-allowed' }
  | { readonly kind: 'stop'; readonly reason: 'issue-type-not-accepted' }
  | { readonly kind: 'stop'; readonly reason: 'withdrawn'; readonly inFavourOf: string }
  | { readonly kind: 'stop'; readonly reason: 'not-mentioned'; readonly missing: readonly string[] }
  | { readonly kind: 'stop'; readonly reason: 'status-refuses' }
  | { readonly kind: 'stop'; readonly reason: 'deployer-unknown' }
  | { readonly kind: 'stop'; readonly reason: 'approval-declined'; readonly by: readonly string[] }
  | { readonly kind: 'stop'; readonly reason: 'no-approval' }
  | { readonly kind: 'stop'; readonly reason: 'planned-field-missing'; readonly field: string }
  | { readonly kind: 'stop'; readonly reason: 'planned-fields-differ'; readonly values: string }
  | {
      readonly kind: 'stop';
      readonly reason: 'planned-date-unreadable';
      readonly field: string;
      readonly value: string;
    }
  | { readonly kind: 'stop'; readonly reason: 'time-zone-unknown'; readonly field: string }
  | { readonly kind: 'stop'; readonly reason: 'start-after-end'; readonly start: Date; readonly end: Date }
  | { readonly kind: 'stop'; readonly reason: 'server-time-unknown' }
  | { readonly kind: 'stop'; readonly reason: 'not-approved-in-time'; readonly end: Date }
  | { readonly kind: 'stop'; readonly reason: 'approved-too-late'; readonly end: Date }
  | { readonly kind: 'stop'; readonly reason: 'planned-end-required' }
  | {
      readonly kind: 'stop';
      readonly reason: 'start-beyond-wait-limit';
      readonly start: Date;
      readonly limit: Date;
    };

export type StopReason = Extract<Decision, { kind: 'stop' }>['reason'];
export type WaitDecision = Extract<Decision, { kind: 'wait' }>;
export type StopDecision = Extract<Decision, { kind: 'stop' }>;

/**
 * Returns the decision on one check. The rules apply in the order in which a person can act on them: whether
 * the change request may be used at all, its status, its window, the time.
 * @param latestStart the latest server time until which the run can wait (P4); undefined: no limit
 */
export function decide(check: Check, rules: ChangeRules, latestStart?: Date): Decision {
  return (
    refusal(check, rules) ??
    brokenWindow(check.window) ??
    missingTime(check) ??
    byStateAndTime(check, rules, latestStart)
  );
}

function refusal({ changeRequest }: Check, rules: ChangeRules): StopDecision | undefined {
  if (!isOfAllowedProject(changeRequest, rules)) return { kind: 'stop', reason: 'project-not-allowed' };
  if (!acceptsIssueType(changeRequest, rules)) return { kind: 'stop', reason: 'issue-type-not-accepted' };
  const inFavourOf = withdrawnInFavourOf(changeRequest.summary);
  if (inFavourOf !== undefined) return { kind: 'stop', reason: 'withdrawn', inFavourOf };
  const missing = notMentioned(changeRequest, rules.mustMention);
  if (missing.length > 0) return { kind: 'stop', reason: 'not-mentioned', missing };
  if (changeState(changeRequest.status, rules.states) === 'other') {
    return { kind: 'stop', reason: 'status-refuses' };
  }
  if (isDeployerUnknown(rules.approval)) return { kind: 'stop', reason: 'deployer-unknown' };
  return undefined;
}

/** L4: whether the change request belongs to the service project or to another allowed project. */
export function isOfAllowedProject({ projectKey }: ChangeRequest, { projects }: ChangeRules): boolean {
  return projects.includes(projectKey.toUpperCase());
}

/** L14: whether the issue type is accepted, by its name, its untranslated name or its id. */
export function acceptsIssueType({ issueType }: ChangeRequest, { issueTypes }: ChangeRules): boolean {
  return issueTypes === undefined || issueTypes.some((accepted) => isNamed(issueType, accepted));
}

function brokenWindow(window: ChangeWindow): StopDecision | undefined {
  const broken = brokenTime(window.start) ?? brokenTime(window.end);
  if (broken !== undefined) return broken;
  const { start, end } = window;
  if (start.kind === 'set' && end.kind === 'set' && start.at.getTime() > end.at.getTime()) {
    return { kind: 'stop', reason: 'start-after-end', start: start.at, end: end.at };
  }
  return undefined;
}

function brokenTime(time: PlannedTime): StopDecision | undefined {
  switch (time.kind) {
    case 'missing':
      return { kind: 'stop', reason: 'planned-field-missing', field: time.field };
    case 'differ':
      return {
        kind: 'stop',
        reason: 'planned-fields-differ',
        values: time.fields.map(({ field, value }) => `${field}: ${value}`).join('; '),
      };
    case 'unreadable':
      return { kind: 'stop', reason: 'planned-date-unreadable', field: time.field, value: time.value };
    case 'zone-needed':
      return { kind: 'stop', reason: 'time-zone-unknown', field: time.field };
    default:
      return undefined;
  }
}

function missingTime(check: Check): StopDecision | undefined {
  // An invalid date is neither before nor after any other; it must not count as inside the window.
  const isKnown = check.serverTime !== undefined && !Number.isNaN(check.serverTime.getTime());
  if (!hasBound(check.window) || isKnown) return undefined;
  return { kind: 'stop', reason: 'server-time-unknown' };
}

function byStateAndTime(check: Check, rules: ChangeRules, latestStart: Date | undefined): Decision {
  const { window, serverTime } = check;
  const isStatusRight = changeState(check.changeRequest.status, rules.states) === 'proceed';
  const lack = isStatusRight ? lackOfApproval(check, rules) : undefined;
  const approved = isStatusRight && lack === undefined;
  const place = serverTime === undefined ? 'inside' : placeInWindow(window, serverTime);
  if (place === 'after' && window.end.kind === 'set') {
    return {
      kind: 'stop',
      reason: approved ? 'approved-too-late' : 'not-approved-in-time',
      end: window.end.at,
    };
  }
  if (lack !== undefined) return lack;
  if (!approved) return { kind: 'wait', reason: 'not-approved' };
  if (rules.requirePlannedEnd && window.end.kind !== 'set') {
    return { kind: 'stop', reason: 'planned-end-required' };
  }
  if (place === 'before' && window.start.kind === 'set') {
    const start = window.start.at;
    if (latestStart !== undefined && start.getTime() > latestStart.getTime()) {
      return { kind: 'stop', reason: 'start-beyond-wait-limit', start, limit: latestStart };
    }
    return { kind: 'wait', reason: 'before-planned-start', start };
  }
  return { kind: 'proceed', reason: 'approved-in-window' };
}

/**
 * Returns the latest server time until which a run can wait (P4).
 * @param deadline steady clock at the wait limit; undefined: no limit
 */
export function latestStart(
  { serverTime, answeredAt }: Pick<Check, 'serverTime'> & { readonly answeredAt: number },
  deadline: number | undefined,
): Date | undefined {
  if (deadline === undefined || serverTime === undefined) return undefined;
  return new Date(serverTime.getTime() + (deadline - answeredAt));
}

/** A2: returns whether the approvals decided, and not only the status and the window. */
export function isByApprovals({ reason }: Decision): boolean {
  return byApprovals.has(reason);
}

const byApprovals: ReadonlySet<Decision['reason']> = new Set([
  'approval-undecided',
  'no-other-approver',
  'approval-declined',
  'no-approval',
]);

/** A2: returns the decision on a change request in a proceed status whose approvals are not sufficient. */
function lackOfApproval(
  { approvals }: Check,
  { approval }: ChangeRules,
): WaitDecision | StopDecision | undefined {
  if (approval.check === 'status') return undefined;
  if (approvals === undefined) throw new Error('The approvals were not read.');
  const verdict = checkApprovals(approvals, approval);
  switch (verdict.kind) {
    case 'holds':
      return undefined;
    case 'none':
      return { kind: 'stop', reason: 'no-approval' };
    case 'declined':
      return { kind: 'stop', reason: 'approval-declined', by: verdict.by };
    case 'undecided':
      return { kind: 'wait', reason: 'approval-undecided', missing: verdict.missing };
    case 'nobody-else':
      return { kind: 'wait', reason: 'no-other-approver', own: verdict.own, hidden: verdict.hidden };
  }
}
