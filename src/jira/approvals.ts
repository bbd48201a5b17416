import type { Reading } from '../app/ports.ts';
import type { Approval } from '../domain/change/approval-check.ts';
import { isFromCache } from '../domain/decision/check-age.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asInstant, asObject, asText, asWords, need } from '../http/json.ts';
import { type DecidingReads, decidingRead } from './deciding-read.ts';
import { type AskedFor, sameAtEarlierCheck } from './issue.ts';
import { everyPage } from './pages.ts';
import type { AnswerFacts } from './session/call.ts';
import type { Session } from './session/session.ts';

/** A3: for values that are only shown: one short try, which must not make the deciding check too old (W8). */
export const onlyShown = { mostTries: 1, timeoutMs: 4000 } as const;

/** https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/ */
export async function approvals(
  session: Session,
  key: string,
  effort: 'once' | 'retried',
): Promise<readonly Approval[]> {
  if (effort === 'retried') return (await allApprovals(session, key)).approvals;
  return session.call({
    path: approvalsPath(key),
    ...onlyShown,
    parse: (json) => (asArray(asObject(json)?.['values']) ?? []).map(parseApproval),
  });
}

/**
 * A2: makes a deciding read that includes the approvals. The approvals are requested first, and the age of
 * the reading counts from the first request.
 */
export async function readWithApprovals(
  options: DecidingReads,
  asked: AskedFor,
  fields: 'known' | 'all',
): Promise<Reading> {
  const first = await tryWithApprovals(options, asked, fields);
  const { key } = first.changeRequest;
  if (key === asked.key.toUpperCase()) return withBoth(first);
  // L11: the change request was moved. Approvals under its old key may be missing, or another issue's.
  const isWhole = sameAtEarlierCheck(asked) === undefined || fields === 'all';
  const moved = { key, earlier: first.changeRequest };
  const second = await tryWithApprovals(options, moved, isWhole ? 'all' : 'known');
  if (second.changeRequest.key === key) return withBoth(second);
  throw new Fault(
    'refused',
    text`The site answered the read of ${asked.key} with ${key}, and the read of ${key} with ${second.changeRequest.key}: neither answer can be used.`,
    text`Look for a proxy that mixes up Jira's answers.`,
  );
}

interface BothAnswers extends Reading {
  readonly fault?: Fault;
}

async function tryWithApprovals(
  options: DecidingReads,
  asked: AskedFor,
  fields: 'known' | 'all',
): Promise<BothAnswers> {
  const answer = await attempt(() => allApprovals(options.session, asked.key));
  // The read of the change request shows whether all of it is missing, or only its approvals.
  const mayBeOfApprovals = ['missing', 'wrong-url', 'forbidden'];
  if (answer instanceof Fault && !mayBeOfApprovals.includes(answer.kind)) throw answer;
  const reading = await decidingRead(options, asked, fields);
  if (answer instanceof Fault) return { ...reading, fault: answer };
  const { approvals, pages } = answer;
  // W8: by now the session knows the site's clock, and rejects a page that old.
  if (!reading.isTimeDoubted && pages.some((page) => isFromCache(page, reading)))
    return tryWithApprovals(options, asked, fields);
  return { ...reading, approvals, askedAt: Math.min(...pages.map(({ askedAt }) => askedAt)) };
}

function withBoth({ fault, ...reading }: BothAnswers): Reading {
  if (fault === undefined) return reading;
  throw new Fault(
    'forbidden',
    text`The approvals of ${reading.changeRequest.key} cannot be read: ${fault.summary}`,
    text`Approval check (JsmChange.ApprovalCheck, or approvalCheck in a policy) needs them: make the step's account an agent of that project, and check that the change request was raised through its service desk.`,
    { status: fault.status, cause: fault },
  );
}

async function allApprovals(
  session: Session,
  key: string,
): Promise<{ readonly approvals: readonly Approval[]; readonly pages: readonly AnswerFacts[] }> {
  const pages: AnswerFacts[] = [];
  const listed = await everyPage(session, approvalsPath(key), {
    parse: (json) => [parseApproval(json)],
    saw: (facts) => pages.push(facts),
  });
  return { approvals: listed, pages };
}

function approvalsPath(key: string): string {
  return `/rest/servicedeskapi/request/${encodeURIComponent(key)}/approval`;
}

function parseApproval(json: unknown): Approval {
  const approval = need(asObject(json), 'approval');
  return {
    id: asText(approval['id']) ?? '',
    name: asText(approval['name']) ?? '',
    // A2, C4: a missing decision must count neither as approved nor as undecided.
    finalDecision: need(asWords(approval['finalDecision']), 'finalDecision').toLowerCase(),
    approvers: (asArray(approval['approvers']) ?? []).map(parseApprover),
    created: parseDate(approval['createdDate']),
    completed: parseDate(approval['completedDate']),
  };
}

function parseApprover(json: unknown): Approval['approvers'][number] {
  const entry = asObject(json);
  const person = asObject(entry?.['approver']);
  const email = asText(person?.['emailAddress']) ?? '';
  const username = asText(person?.['name']) ?? '';
  return {
    name: [asText(person?.['displayName']), username, email].find((name) => name) ?? 'somebody',
    email,
    username,
    decision: asWords(entry?.['approverDecision'])?.toLowerCase() ?? 'pending',
  };
}

/** JSM gives each date in several formats. */
function parseDate(json: unknown): Date | undefined {
  const date = asObject(json);
  return asInstant(date?.['jira']) ?? asInstant(date?.['iso8601']);
}
