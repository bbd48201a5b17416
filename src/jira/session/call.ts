import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';
import type { HttpAnswer, HttpRequest } from '../http/transport.ts';
import { ShapeError } from '../json.ts';
import { requestName } from './answer-errors.ts';
import { type EnoughAnswers, TransientFailure } from './retry.ts';

/** One call: what is asked, and how its answer is read. */
export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** From the site's root, with its query: `/rest/api/2/myself`. */
  readonly path: string;
  readonly body?: unknown;
  /** Reads the JSON of a good answer; throws a ShapeError when it is not the one expected (F5). */
  readonly parse: (json: unknown, answer: TimedAnswer) => T;
  /** What to do about a 400, 403 or 404, where more can be said than in general. */
  readonly advice?: Text;
  /** False where the status alone says that it was done, if no web page came with it. */
  readonly bodyMatters?: false;
  /** Goes without a login, and proves none. */
  readonly anonymous?: boolean;
  /** Fewer tries than the patience allows. */
  readonly mostTries?: number;
  /** See {@link RetryOptions.enough}. */
  readonly enough?: EnoughAnswers;
  /** A 409 is final: before this write is sent again, the caller reads what became of its subject. */
  readonly conflictEnds?: true;
}

export interface TimedAnswer extends HttpAnswer {
  /** Steady clock when the request left, and when the answer was here. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** The `Date` header, truncated to the second; undefined when unreadable (W9). */
  readonly serverTime: Date | undefined;
}

/** What became of a write that must not be repeated (C3). */
export type OnceOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'lost'; readonly why: Text };

/** For calls whose answer says nothing but that it was done. */
export const statusAlone = { bodyMatters: false, parse: () => undefined } as const;

/**
 * Reads the JSON of a good answer.
 * @throws TransientFailure where it is not the one expected (F5)
 */
export function parseAnswer<T>(call: Call<T>, request: HttpRequest, answer: TimedAnswer): T {
  const broken = (why: string): TransientFailure =>
    new TransientFailure(
      new Fault(
        'unreachable',
        text`${requestName(request)} was answered with status ${answer.status} and ${why}.`,
        text`Check that JsmChange.BaseUrl is the root URL of the JSM site, and that no proxy or login page answers in its place.`,
      ),
      'broken-answer',
    );
  // A login page of a proxy is none of Jira's answers, whatever its status says.
  if (call.bodyMatters === false && isWebPage(answer.text)) throw broken(notJsonWords(answer.text));
  let json: unknown;
  try {
    json = call.bodyMatters === false ? undefined : JSON.parse(answer.text);
  } catch {
    throw broken(notJsonWords(answer.text));
  }
  try {
    return call.parse(json, answer);
  } catch (error) {
    if (error instanceof ShapeError) throw broken(`JSON of another kind than expected: ${error.message}`);
    throw error;
  }
}

function isWebPage(body: string): boolean {
  return /^\s*</.test(body);
}

function notJsonWords(body: string): string {
  if (body.trim() === '') return 'an empty body';
  return isWebPage(body) ? 'a web page instead of JSON' : 'a body that is no JSON or was cut off';
}
