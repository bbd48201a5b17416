import type { Approval } from '../app/ports.ts';
import { asArray, asObject, asText, need } from './json.ts';
import { pages } from './pages.ts';
import type { Call } from './session/call.ts';
import type { Session } from './session/session.ts';

/** https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/ */
export async function approvals(
  session: Session,
  key: string,
  effort: 'once' | 'retried',
): Promise<readonly Approval[]> {
  const path = `/rest/servicedeskapi/request/${encodeURIComponent(key)}/approval`;
  if (effort === 'retried') return pages(session, path, 'values', parseApproval);
  const first: Call<readonly Approval[]> = {
    method: 'GET',
    path,
    mostTries: 1,
    parse: (json) =>
      (asArray(asObject(json)?.['values']) ?? []).flatMap((value) => parseApproval(value) ?? []),
  };
  return session.call(first);
}

function parseApproval(json: unknown): Approval | undefined {
  const approval = asObject(json);
  if (approval === undefined) return undefined;
  const approvers = (asArray(approval['approvers']) ?? []).flatMap((value) => {
    const entry = asObject(value);
    const person = asObject(entry?.['approver']);
    const name =
      asText(person?.['displayName']) ?? asText(person?.['name']) ?? asText(person?.['emailAddress']);
    const decision = asText(entry?.['approverDecision'])?.toLowerCase();
    return [{ name: name ?? 'somebody', decision: decision ?? 'pending' }];
  });
  return {
    name: asText(approval['name']) ?? '',
    // C4: what is not told must not pass for undecided.
    finalDecision: need(asText(approval['finalDecision']), 'finalDecision').toLowerCase(),
    approvers,
  };
}
