import type { Approval } from '../../../src/domain/change/approval-check.ts';
import type { ChangeRequest } from '../../../src/domain/change/change-request.ts';
import {
  type ChangeStatus,
  defaultProceedStatuses,
  defaultWaitStatuses,
} from '../../../src/domain/change/change-state.ts';
import type { PlannedTime } from '../../../src/domain/change/change-window.ts';
import type { ChangeRules, Check } from '../../../src/domain/decision/decision.ts';

/** A status with this name, of the category *In Progress* by default. */
export function aStatus(name: string, over: Partial<ChangeStatus> = {}): ChangeStatus {
  return { id: '10001', name, category: 'indeterminate', ...over };
}

/** An approved change request without a window, in the project CHG. */
export function aChangeRequest(over: Partial<ChangeRequest> = {}): ChangeRequest {
  return {
    id: '20001',
    key: 'CHG-12',
    projectKey: 'CHG',
    issueType: { id: '10100', name: '[System] Change' },
    summary: 'Octopus: Deploy "Web Site" version 1.0.1 to "Dev"',
    description: '',
    status: aStatus('Implementing'),
    created: new Date('2026-06-13T08:00:00Z'),
    plannedStart: { candidates: [], missing: [] },
    plannedEnd: { candidates: [], missing: [] },
    ...over,
  };
}

export const someRules: ChangeRules = {
  states: { proceed: defaultProceedStatuses, wait: defaultWaitStatuses },
  projects: ['CHG', 'OPS'],
  issueTypes: undefined,
  requirePlannedEnd: false,
  mustMention: [],
  approval: { check: 'status', deployer: { email: 'dora@acme.example', username: 'dora' } },
};

export function setAt(iso: string, field = 'Planned start'): PlannedTime {
  return { kind: 'set', at: new Date(iso), wholeDay: false, field };
}

export const noField: PlannedTime = { kind: 'no-field' };

/** A check: approved, without a window, at ten o'clock, unless `over` says otherwise. */
export function aCheck(
  over: {
    readonly changeRequest?: Partial<ChangeRequest>;
    readonly start?: PlannedTime;
    readonly end?: PlannedTime;
    readonly serverTime?: Date | undefined;
    readonly approvals?: readonly Approval[];
  } = {},
): Check {
  return {
    changeRequest: aChangeRequest(over.changeRequest),
    window: { start: over.start ?? noField, end: over.end ?? noField },
    serverTime: 'serverTime' in over ? over.serverTime : new Date('2026-06-13T10:00:00Z'),
    approvals: over.approvals,
  };
}
