import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { HttpAnswer, HttpRequest } from '../../http/transport.ts';
import { answerSummary, jiraMessages } from './answer-errors.ts';
import type { Credentials, LoginState, SiteKind } from './login.ts';
import { inFrontOfJira, isOfSomethingElse } from './status-faults.ts';

interface FailedLogin {
  readonly request: HttpRequest;
  readonly answer: HttpAnswer;
  readonly state: LoginState;
  readonly credentials: Credentials;
  readonly siteKind: SiteKind | undefined;
  /** The answer comes from the gateway, after the site refused the token. */
  readonly refusedBySite: boolean;
}

/** The fault for a failed login. A login is never retried: each try brings a lockout closer. */
export function loginFault(failed: FailedLogin): Fault {
  const { request, answer, state, credentials, siteKind, refusedBySite } = failed;
  const fault = (what: Text, advice: Text): Fault =>
    new Fault('login', text`The login at the JSM site failed: ${what}`, advice, { status: 401 });
  const answered = refusedBySite
    ? text`The site and Cloud's gateway for scoped tokens both refuse the login: ${answerSummary({ request, answer })}`
    : answerSummary({ request, answer });
  if (state === 'denied') {
    return fault(
      text`${answered} Jira asks this account for a CAPTCHA after several failed logins, and did not check the token.`,
      text`Log in to Jira once in a browser as ${credentials.username || "the token's owner"} to answer the CAPTCHA, then try again.`,
    );
  }
  if (jiraMessages(answer.text).messages.some((message) => /scope/i.test(message))) {
    return fault(
      text`${answered} The token lacks a scope.`,
      text`Create the token with the scopes read:jira-work, write:jira-work, read:jira-user, read:servicedesk-request and write:servicedesk-request.`,
    );
  }
  const served =
    state === 'anonymous' && answer.status !== 401
      ? text`${answered} Jira served it anonymously, so the token was not accepted.`
      : answered;
  const advice = tokenAdvice(credentials, siteKind);
  const isForeign = state === 'unknown' && isOfSomethingElse(answer);
  return fault(served, isForeign ? text`${advice} ${inFrontOfJira}` : advice);
}

function tokenAdvice(credentials: Credentials, siteKind: SiteKind | undefined): Text {
  if (siteKind === 'cloud') {
    if (credentials.username === '') {
      return text`On Jira Cloud set Jira user name (JsmChange.Username) to the account's email address and Jira token (JsmChange.Token) to its API token.`;
    }
    return text`Check that Jira user name (JsmChange.Username) is the account's email address, and Jira token (JsmChange.Token) an API token of that account that has not expired (they last 365 days at most). A password does not work on Jira Cloud.`;
  }
  if (credentials.username === '') {
    return text`Jira user name (JsmChange.Username) is empty, so the token was sent as a Data Center personal access token: check that it has not expired or been revoked. On Jira Cloud set the user name to the account's email address.`;
  }
  return text`Check Jira user name (JsmChange.Username): an email address on Cloud, a user name on Data Center; and that Jira token (JsmChange.Token) is valid and has not expired. For a Data Center personal access token leave the user name empty.`;
}
