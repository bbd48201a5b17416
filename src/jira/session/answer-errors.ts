import { Fault, type FaultKind } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { asArray, asObject, asText, parseJson } from '../../http/json.ts';
import {
  failureWords,
  type HttpAnswer,
  type HttpRequest,
  mayPass,
  requestName,
  type TransportError,
} from '../../http/transport.ts';

/** The error messages of a body; a message about a field begins with the field's name. */
interface JiraMessages {
  /** The body has the format of Jira's own error bodies. */
  readonly isJira: boolean;
  readonly messages: readonly string[];
}

/**
 * Reads an error body: the platform's `errorMessages` and `errors`, JSM's `errorMessage`, and a plain
 * `message` or `error` from a system in front of Jira. Anything else (HTML, text) is not shown.
 * @param fieldNames field names by id
 */
export function jiraMessages(
  body: string,
  fieldNames: ReadonlyMap<string, string> = new Map(),
): JiraMessages {
  const json = asObject(parseJson(body));
  if (json === undefined) return { isJira: false, messages: [] };
  const general = (asArray(json['errorMessages']) ?? []).flatMap((message) => asText(message) ?? []);
  const byField = Object.entries(asObject(json['errors']) ?? {}).map(([id, message]) => {
    const name = fieldNames.get(id);
    return `${name === undefined ? id : `${name} (${id})`}: ${asText(message) ?? JSON.stringify(message)}`;
  });
  const jsm = asText(json['errorMessage']);
  const error = asText(json['error']) ?? asText(asObject(json['error'])?.['message']);
  const others = [jsm, asText(json['message']), error, asText(json['error_description'])];
  const messages = [...general, ...byField, ...others.filter((message) => message !== undefined)];
  const isJira = json['errorMessages'] !== undefined || json['errors'] !== undefined || jsm !== undefined;
  return { isJira, messages };
}

/** A request and its answer. */
export interface Answered {
  readonly request: HttpRequest;
  readonly answer: HttpAnswer;
  /** Field names by id. */
  readonly fieldNames?: ReadonlyMap<string, string>;
}

/** Describes an answer in one sentence: request, status, messages, trace id. */
export function answerSummary({ request, answer, fieldNames }: Answered): Text {
  const { messages } = jiraMessages(answer.text, fieldNames);
  const trace = answer.header('atl-traceid') ?? answer.header('x-arequestid');
  const said = messages.length === 0 ? text`` : text`: ${messages.join(' ').replace(/\.$/, '')}`;
  const traced = trace === undefined ? text`` : text` (trace id ${trace})`;
  return text`${requestName(request)} was answered with status ${answer.status}${said}${traced}.`;
}

export function answerFault(kind: FaultKind, advice: Text, answered: Answered): Fault {
  return new Fault(kind, answerSummary(answered), advice, { status: answered.answer.status });
}

const transportAdvice: Readonly<Record<TransportError['failure'], Text>> = {
  'not-connected': text`Check that the worker can reach the JSM site: firewall, proxy (HTTPS_PROXY, NO_PROXY), and the address in Jira base URL (JsmChange.BaseUrl).`,
  'unknown-host': text`Check the host in Jira base URL (JsmChange.BaseUrl), the worker's DNS, and whether it needs a proxy (HTTPS_PROXY).`,
  'bad-proxy': text`Correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY on the worker (with a user name and password in the URL if the proxy requires them), allow the site's host on the proxy, or add it to NO_PROXY.`,
  certificate: text`If the site or a proxy uses a private certificate authority, set NODE_EXTRA_CA_CERTS to its certificate on the worker, or let Node trust the system's store with NODE_USE_SYSTEM_CA=1. Certificate checks can't be switched off.`,
  lost: text`Check the network between the worker and the JSM site.`,
  timeout: text`Check the network between the worker and the JSM site, and the site's health.`,
  'too-large': text`Answers over 5 MB are refused. Check that Jira base URL (JsmChange.BaseUrl) is the root URL of the JSM site.`,
};

/** The fault for a request that got no usable answer. */
export function transportFault(request: HttpRequest, error: TransportError, tooLargeAdvice?: Text): Fault {
  const host = new URL(request.url).host;
  return new Fault(
    mayPass(error.failure) ? 'unreachable' : 'refused',
    text`${requestName(request)} at ${host} failed: ${failureWords(error.failure, 'the site')} (${error.detail}).`,
    (error.failure === 'too-large' ? tooLargeAdvice : undefined) ?? transportAdvice[error.failure],
    { cause: error },
  );
}
