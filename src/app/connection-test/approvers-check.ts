import { changeState } from '../../domain/change/change-state.ts';
import { withdrawnInFavourOf } from '../../domain/deployment/title.ts';
import { text } from '../../domain/text.ts';
import { nameList } from '../approvers.ts';
import type { PreparedRequest, SearchHit } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import type { Finding } from './checklist.ts';

const wayOut = text`See "How approvers get onto the change request" in docs/jira-setup.md.`;

/**
 * Tests whether anybody is asked to approve the change requests that the step raises. Jira shows a workflow's
 * approval steps only to administrators, so the finding relies on who is set on the request form, and on the
 * last change requests that the account raised. It passes as well if one of these was closed or reached a
 * status that proceeds although nobody was asked: people may move the status by hand. If not, it is a
 * warning.
 *
 * @param raised returns change requests that the account has raised, newest first
 */
export async function approversFinding(
  { serviceDesk, settings }: RunContext,
  people: PreparedRequest['people'],
  raised: () => Promise<readonly SearchHit[]>,
): Promise<Finding> {
  const namesOf = (isSet: boolean) =>
    people.flatMap((field) => (field.isSet === isSet ? [field.name] : [])).join(', ');
  const set = namesOf(true);
  if (set !== '') return ['pass', text`the request form sets ${set}`, undefined];
  const hits = (await raised()).filter(({ summary }) => withdrawnInFavourOf(summary) === undefined);
  for (const { key } of hits) {
    const approvals = await serviceDesk.approvals(key, 'once');
    if (approvals.length === 0) continue;
    const names = approvals.flatMap(({ approvers }) => approvers.map(({ name }) => name));
    const whom = names.length === 0 ? text`somebody whose name it does not show` : nameList(names);
    return ['pass', text`Jira asked ${whom} to approve ${key}, which this account raised`, undefined];
  }
  for (const { key, status } of hits) {
    if (status?.category === 'done' || (status && changeState(status, settings.rules.states) === 'proceed')) {
      const reached = text`nobody was asked to approve ${key}, which this account raised, but it reached ${status.name}`;
      return ['pass', reached, undefined];
    }
  }
  const unset = namesOf(false);
  const form = unset === '' ? text`` : text`nothing sets ${unset} on the request form, and `;
  const says =
    hits.length === 0
      ? text`no change request that this account raised shows yet whether anybody is asked to approve. Ignore this if the workflow or an automation rule names the approvers.`
      : text`nobody was asked to approve ${hits.map(({ key }) => key).join(', ')}, which this account raised, so a deployment waits until somebody changes the status.`;
  return ['warning', text`${form}${says} ${wayOut}`, undefined];
}
