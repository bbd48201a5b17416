import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { parseJson, ShapeError } from '../../http/json.ts';
import { TransientFailure } from '../../http/retry.ts';
import type { AnswerTimes } from '../../http/site-clock.ts';
import type { HttpAnswer, HttpRequest } from '../../http/transport.ts';
import { isWebPage, requestName } from './answer-errors.ts';

/** One call: what is asked, and how its answer is read. */
export interface Call<T> {
  /** By default GET. */
  readonly method?: HttpRequest['method'];
  /** From the site's root, with its query: `/rest/api/2/myself`. */
  readonly path: string;
  readonly body?: unknown;
  /** Reads the JSON of a good answer; throws a ShapeError when it is not the one expected (F5). */
  readonly parse: (json: unknown, answer: AnswerFacts) => T;
  /** What to do about a 400, 403 or 404, if more can be said than in general. */
  readonly advice?: Text;
  /** What to do about an answer over the size limit, if more can be said than in general. */
  readonly tooLargeAdvice?: Text;
  /** False if the status is enough to show that it was done, unless a web page came with it. */
  readonly bodyMatters?: false;
  /** Goes without a login, and proves none. */
  readonly anonymous?: boolean;
  /** A shorter time-out than other requests have. */
  readonly timeoutMs?: number;
  /** Fewer tries than the patience allows. */
  readonly mostTries?: number;
  /** See {@link RetryOptions.finalStatus}. */
  readonly finalStatus?: number;
  /** A 404 says that it is not there, also as a web page: some proxies replace Jira's own words. */
  readonly mayBeMissing?: true;
  /** A 409 is final: before this write is sent again, the caller reads what became of its subject. */
  readonly conflictEnds?: true;
}

export type TimedAnswer = HttpAnswer & AnswerTimes;

/** What a good answer brings besides its JSON. */
export interface AnswerFacts extends AnswerTimes {
  /** W9: its time needs another answer that says so too. */
  readonly isTimeDoubted: boolean;
}

/** What became of a write that must not be repeated (C3). */
export type OnceOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'lost'; readonly why: Text };

/** For calls whose answer only shows that it was done. */
export const statusAlone = { bodyMatters: false, parse: () => undefined } as const;

/** Reads the JSON of a good answer; throws a TransientFailure if it is not the one expected (F5). */
export function parseAnswer<T>(
  call: Call<T>,
  request: HttpRequest,
  answer: TimedAnswer,
  isTimeDoubted = false,
): T {
  const broken = (why: string): TransientFailure =>
    new TransientFailure(
      new Fault(
        'unreachable',
        text`${requestName(request)} was answered with status ${answer.status} and ${why}.`,
        text`Check that Jira base URL (JsmChange.BaseUrl) is the root URL of the JSM site, and that no proxy or login page answers instead.`,
      ),
      'broken-answer',
    );
  const isStatusEnough = call.bodyMatters === false;
  const json = isStatusEnough ? undefined : parseJson(answer.text);
  // A proxy's login page is not an answer of Jira's, whatever its status says.
  const isUnreadable = isStatusEnough ? isWebPage(answer.text) : json === undefined;
  if (isUnreadable) throw broken(notJsonWords(answer.text));
  const { askedAt, answeredAt, serverTime } = answer;
  try {
    return call.parse(json, { askedAt, answeredAt, serverTime, isTimeDoubted });
  } catch (error) {
    throw error instanceof ShapeError ? broken(`unexpected JSON: ${error.message}`) : error;
  }
}

function notJsonWords(body: string): string {
  if (body.trim() === '') return 'an empty body';
  return isWebPage(body) ? 'a web page instead of JSON' : 'a body that is not JSON or was cut off';
}
