import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { isTransient, parseRetryAfter, TransientFailure } from '../../http/retry.ts';
import { type HttpAnswer, type HttpRequest, isWebPage, requestName } from '../../http/transport.ts';
import { type Answered, answerFault, answerSummary, jiraMessages } from './answer-errors.ts';

/** A request and its answer, with the time and the advice for a message about them. */
export interface Exchange extends Answered {
  /** The server's time at the answer, or the worker's if the answer has none. */
  readonly now: Date;
  /** Advice for a 400, 403 or 404, instead of the general advice. */
  readonly advice?: Text | undefined;
}

/** F1, F3: the failure that a status means whatever the login; undefined if it decides nothing yet. */
export function failureByStatus(exchange: Exchange): TransientFailure | Fault | undefined {
  const { request, answer, now } = exchange;
  const { status } = answer;
  if (isTransient(status)) {
    const later = text`The site is overloaded or unavailable; try again later.`;
    const retryAfterMs = parseRetryAfter(answer.header('retry-after'), now);
    return new TransientFailure(answerFault('unreachable', later, exchange), 'outage', retryAfterMs);
  }
  if (status === 409) {
    const again = text`Somebody else changed it at the same moment; try again.`;
    return new TransientFailure(answerFault('conflict', again, exchange), 'conflict');
  }
  if (status >= 200 && status < 300) return undefined;
  if (status >= 300 && status < 400) return redirectFault(request, answer);
  if ([400, 401, 403, 404].includes(status)) return undefined;
  return answerFault(
    'refused',
    text`This status was not expected. Check Jira base URL (JsmChange.BaseUrl), and any proxy in between.`,
    exchange,
  );
}

/** X4: the fault for a redirect, which is not followed. */
function redirectFault(request: HttpRequest, answer: HttpAnswer): Fault {
  const location = answer.header('location');
  const target =
    location !== undefined && URL.canParse(location, request.url)
      ? new URL(location, request.url).host
      : 'another page';
  return new Fault(
    'refused',
    text`${requestName(request)} was answered with a redirect (status ${answer.status}) to ${target}, which is not followed.`,
    text`Check that Jira base URL (JsmChange.BaseUrl) is the final root URL with https. A redirect to a login page means that a single sign-on proxy is in front of the site: let the requests of the step's account through.`,
    { status: answer.status },
  );
}

/** Headers that only Jira sets. They identify Data Center's 401, whose body is a web page. */
const headersOfJira = ['x-arequestid', 'x-anodeid', 'x-seraph-loginreason', 'x-ausername'];

/** F3: whether a refusal comes from a proxy, a firewall or a content network in front of Jira. */
export function isOfSomethingElse({ status, text: body, header }: HttpAnswer): boolean {
  if (![400, 401, 403, 404].includes(status)) return false;
  const isNameless = headersOfJira.every((name) => header(name) === undefined);
  if (isWebPage(body)) return status !== 401 || isNameless;
  const { isJira, messages } = jiraMessages(body);
  // Cloud itself uses other formats for some refusals, and for every 401.
  return isNameless && !isJira && (status === 404 || (status !== 401 && messages.length === 0));
}

export const inFrontOfJira = text`A refusal that is not Jira's own usually comes from a proxy, a firewall, an IP allow list or a content delivery network in front of the site: make sure that the worker's requests can reach its REST API.`;

/** F3, F5: the failure for such a refusal after a good check, which has proved login and address right. */
export function outageOfSomethingElse(answered: Answered): TransientFailure {
  return new TransientFailure(answerFault('unreachable', inFrontOfJira, answered), 'broken-answer');
}

const rootUrlAdvice = text`Check Jira base URL (JsmChange.BaseUrl): it must be the root URL of the JSM site with its context path, for example https://acme.atlassian.net or https://jira.acme.example/jira.`;

/** F3: the fault for a 400, 403 or 404 under a verified login. */
export function faultByStatus(exchange: Exchange): Fault {
  const { request, answer, advice } = exchange;
  const isForeign = isOfSomethingElse(answer);
  switch (answer.status) {
    case 400: {
      const check = text`Jira rejected the request: check the parameters that it was made from.`;
      return answerFault('rejected', isForeign ? inFrontOfJira : (advice ?? check), exchange);
    }
    case 403:
      return answerFault('forbidden', isForeign ? inFrontOfJira : forbiddenAdvice(answer, advice), exchange);
    default:
      if (jiraMessages(answer.text).isJira) {
        const hidden = text`It does not exist, or the step's account may not see it.`;
        return answerFault(isAboutIssue(request) ? 'missing' : 'wrong-url', advice ?? hidden, exchange);
      }
      return new Fault(
        'wrong-url',
        text`${answerSummary({ request, answer })} This is not an answer from Jira's API.`,
        isForeign ? text`${rootUrlAdvice} ${inFrontOfJira}` : rootUrlAdvice,
        { status: answer.status },
      );
  }
}

/** L3: whether a request names an issue, so that a 404 means that the issue is missing, and not something else. */
function isAboutIssue({ url }: HttpRequest): boolean {
  return /\/rest\/(?:api\/\d+\/issue|servicedeskapi\/request)\/[^/?]/.test(url);
}

function forbiddenAdvice(answer: HttpAnswer, advice: Text | undefined): Text {
  if (/basic auth/i.test(answer.text)) {
    return text`Basic authentication is switched off at the site: use a personal access token, and leave Jira user name (JsmChange.Username) empty.`;
  }
  return (
    advice ??
    text`Give the step's account a Jira Service Management licence and the permissions that it needs in the service project.`
  );
}
