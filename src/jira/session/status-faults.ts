import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { HttpAnswer, HttpRequest } from '../http/transport.ts';
import { answerFault, answerSummary, jiraMessages, requestName } from './answer-errors.ts';
import { parseRetryAfter, TransientFailure } from './retry.ts';

/** A request and its answer, with what can be said about it beside the answer. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly answer: HttpAnswer;
  /** The server's time at the answer, or the worker's where it does not tell. */
  readonly now: Date;
  /** What to do about a 400, 403 or 404, where more can be said than in general. */
  readonly advice?: Text | undefined;
  /** Names of fields by id. */
  readonly fieldNames: ReadonlyMap<string, string>;
}

/** F1, F3: statuses that say nothing about the login. */
export function throwByStatus({ request, answer, now, fieldNames }: Exchange): void {
  const { status } = answer;
  if (status === 408 || status === 429 || status >= 500) {
    const later = text`The site is overloaded or out of order; deploy again later.`;
    throw new TransientFailure(
      answerFault('unreachable', later, request, answer, fieldNames),
      'outage',
      parseRetryAfter(answer.header('retry-after'), now),
    );
  }
  if (status === 409) {
    const again = text`Somebody else changed it at the same moment; try again.`;
    throw new TransientFailure(answerFault('conflict', again, request, answer, fieldNames), 'conflict');
  }
  if (status >= 200 && status < 300) return;
  if (status >= 300 && status < 400) throw redirectFault(request, answer);
  if (![400, 403, 404].includes(status)) {
    throw answerFault(
      'refused',
      text`This answer was not expected; check JsmChange.BaseUrl, and a proxy in between.`,
      request,
      answer,
      fieldNames,
    );
  }
}

/** X4 */
function redirectFault(request: HttpRequest, answer: HttpAnswer): Fault {
  const location = answer.header('location');
  const target =
    location !== undefined && URL.canParse(location, request.url)
      ? new URL(location, request.url).host
      : 'another page';
  return new Fault(
    'refused',
    text`${requestName(request)} was answered with a redirect (status ${answer.status}) to ${target}, which is not followed.`,
    text`Check that JsmChange.BaseUrl is the final root URL with https. A redirect to a login page means that a single sign-on proxy stands before the site: let the step's account pass it.`,
    { status: answer.status },
  );
}

/** F3: 400, 403 and 404 under a login that is proven. */
export function faultByStatus({ request, answer, advice, fieldNames }: Exchange): Fault {
  const { isJira } = jiraMessages(answer.text);
  switch (answer.status) {
    case 400:
      return answerFault(
        'rejected',
        advice ?? text`Jira does not accept the request: check the step's parameters it comes from.`,
        request,
        answer,
        fieldNames,
      );
    case 403:
      return answerFault('forbidden', forbiddenAdvice(answer, advice), request, answer, fieldNames);
    default:
      if (isJira) {
        return answerFault(
          'missing',
          advice ?? text`It does not exist, or the step's account may not see it.`,
          request,
          answer,
          fieldNames,
        );
      }
      return new Fault(
        'wrong-url',
        text`${answerSummary(request, answer)} That is not an answer of Jira's API.`,
        text`Check JsmChange.BaseUrl: it is the root URL of the JSM site with its context path, for example https://acme.atlassian.net or https://jira.acme.example/jira.`,
        { status: answer.status },
      );
  }
}

function forbiddenAdvice(answer: HttpAnswer, advice: Text | undefined): Text {
  if (/basic auth/i.test(answer.text)) {
    return text`Basic authentication is switched off at the site: use a personal access token, with JsmChange.Username left blank.`;
  }
  return (
    advice ??
    text`Give the step's account a Jira Service Management licence and the permissions in the service project.`
  );
}
