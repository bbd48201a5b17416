import type { Approval } from '../app/ports.ts';
import { asArray, asObject, asText, need } from '../http/json.ts';
import { everyPage } from './pages.ts';
import type { Call } from './session/call.ts';
import type { Session } from './session/session.ts';

/** https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/ */
export async function approvals(
  session: Session,
  key: string,
  effort: 'once' | 'retried',
): Promise<readonly Approval[]> {
  const path = `/rest/servicedeskapi/request/${encodeURIComponent(key)}/approval`;
  if (effort === 'retried') {
    return everyPage(session, path, { member: 'values', parse: parseApproval, ofServiceDesk: true });
  }
  const first: Call<readonly Approval[]> = {
    method: 'GET',
    path,
    mostTries: 1,
    parse: (json) => (asArray(asObject(json)?.['values']) ?? []).flatMap(parseApproval),
  };
  return session.call(first);
}

function parseApproval(json: unknown): readonly Approval[] {
  const approval = asObject(json);
  if (approval === undefined) return [];
  const approvers = (asArray(approval['approvers']) ?? []).flatMap((value) => {
    const entry = asObject(value);
    const person = asObject(entry?.['approver']);
    const name =
      asText(person?.['displayName']) ?? asText(person?.['name']) ?? asText(person?.['emailAddress']);
    const decision = asText(entry?.['approverDecision'])?.toLowerCase();
    return [{ name: name ?? 'somebody', decision: decision ?? 'pending' }];
  });
  // C4: what Jira does not say must not pass for undecided.
  const finalDecision = need(asText(approval['finalDecision']), 'finalDecision').toLowerCase();
  return [{ name: asText(approval['name']) ?? '', finalDecision, approvers }];
}
