import { text } from '../../domain/text.ts';
import type { RunContext } from '../run-context.ts';
import type { Finding, TestLine } from './checklist.ts';

/** Jira's keys for the permissions that the step may need. */
export const rightKeys = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'ADD_COMMENTS',
  'TRANSITION_ISSUES',
] as const;

type Rights = ReadonlyMap<string, boolean>;

export function browseFinding({ settings }: RunContext, rights: Rights): Finding<Rights> {
  return rights.get('BROWSE_PROJECTS') === true
    ? ['pass', text`the account can see change requests`, rights]
    : ['fail', text`the account lacks the permission Browse projects in ${settings.serviceProject}`, rights];
}

/**
 * Tests each permission other than browsing. A missing one that this configuration does not need is a
 * warning.
 * @param changesStatus whether `Report` or `ApproveTransition` changes a status
 */
export function otherRights(
  { settings }: RunContext,
  changesStatus: boolean,
  rights: Rights,
): readonly TestLine[] {
  const needs = [
    ['may create', 'CREATE_ISSUES', 'Create issues', true, 'raise change requests'],
    [
      'may edit',
      'EDIT_ISSUES',
      'Edit issues',
      false,
      'withdraw a duplicate change request and set fields that the request form lacks',
    ],
    ['may comment', 'ADD_COMMENTS', 'Add comments', settings.customerComments !== 'none', 'write comments'],
    ['may transition', 'TRANSITION_ISSUES', 'Transition issues', changesStatus, 'change the status'],
  ] as const;
  return needs.map(([name, key, permission, isNeeded, purpose]) => {
    if (rights.get(key) === true) return { name, result: 'pass', says: text`the account may ${purpose}` };
    if (!rights.has(key)) {
      const says = text`Jira does not show whether the account has the permission ${permission} in ${settings.serviceProject}, which is needed to ${purpose}`;
      return { name, result: 'warning', says };
    }
    return {
      name,
      result: isNeeded ? 'fail' : 'warning',
      says: text`the account lacks the permission ${permission} in ${settings.serviceProject}, which is needed to ${purpose}`,
    };
  });
}
