import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import { parseJson, ShapeError } from '../../http/json.ts';
import { TransientFailure } from '../../http/retry.ts';
import type { AnswerTimes } from '../../http/site-clock.ts';
import { type HttpAnswer, type HttpRequest, isWebPage, requestName } from '../../http/transport.ts';

/** One API call: its request, and how to read its answer. */
export interface Call<T> {
  /** By default GET. */
  readonly method?: HttpRequest['method'];
  /** Relative to the site's root, with the query: `/rest/api/2/myself`. */
  readonly path: string;
  readonly body?: unknown;
  /** Reads the JSON of a good answer; throws a ShapeError if it is not as expected (F5). */
  readonly parse: (json: unknown, answer: AnswerFacts) => T;
  /** Advice for a 400, 403 or 404, instead of the general advice. */
  readonly advice?: Text;
  /** Advice for an answer over the size limit, instead of the general advice. */
  readonly tooLargeAdvice?: Text;
  /** False if the status is enough to show success, unless the body is a web page. */
  readonly bodyMatters?: false;
  /** Jira answers the call without a login, so its answer does not verify one. */
  readonly isPublic?: boolean;
  /** A shorter timeout than the default. */
  readonly timeoutMs?: number;
  /** Allows fewer tries than the run's patience does. */
  readonly mostTries?: number;
  /** See {@link RetryOptions.finalStatus}. */
  readonly finalStatus?: number;
  /** A 404 means "not found" even if its body is a web page: some proxies replace Jira's body. */
  readonly mayBeMissing?: true;
  /**
   * Asked before each try: unless it answers true, the tries end with {@link NotSent}. What a write relies on
   * may have changed while an outage put it off.
   */
  readonly mayBeSent?: (() => Promise<boolean>) | undefined;
  /** A 409 is final: before the caller repeats this write, it reads the current state of the issue. */
  readonly conflictEnds?: true;
}

export type TimedAnswer = HttpAnswer & AnswerTimes;

/** The facts about a good answer besides its JSON. */
export interface AnswerFacts extends AnswerTimes {
  /** W9: another answer must confirm the time. */
  readonly isTimeDoubted: boolean;
}

/** The outcome of a write that must not be repeated (C3). */
export type OnceOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'lost'; readonly why: Text };

/** Thrown for a write whose `mayBeSent` answered false before a try, or failed: the cause is then its error. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** Rejects with {@link NotSent} if a call may no longer be sent, or if that cannot be found out. */
export async function needSending(mayBeSent: () => Promise<boolean>): Promise<void> {
  let isNeeded: boolean;
  try {
    isNeeded = await mayBeSent();
  } catch (error) {
    throw new NotSent('It is not known whether it may be sent.', { cause: error });
  }
  if (!isNeeded) throw new NotSent('It may not be sent.');
}

/** For calls whose answer shows success by its status only. */
export const statusAlone = { bodyMatters: false, parse: () => undefined } as const;

/** Reads the JSON of a good answer; throws a TransientFailure if it is not as expected (F5). */
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
  // A proxy's login page is not an answer from Jira, whatever its status.
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
