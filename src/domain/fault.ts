import { type Text, text } from './text.ts';

/** The kinds of faults, as far as the course of a run depends on them. */
export type FaultKind =
  /** 401, or an answer that was served anonymously (F4). */
  | 'login'
  /** 403 */
  | 'forbidden'
  /** 404 with Jira's own JSON to a request for an issue, which is missing or not visible to the account. */
  | 'missing'
  /** Any other 404: from something that is not Jira's API, or to a request for anything else. */
  | 'wrong-url'
  /** 409 */
  | 'conflict'
  /** 400: Jira does not accept the request. */
  | 'rejected'
  /** Jira refused a create request: nothing was raised. */
  | 'not-raised'
  /** Unreachable for longer than tolerated: connection faults, timeouts, 408, 429, 5xx, broken answers. */
  | 'unreachable'
  /** Final: an unknown host, a refused certificate, an answer over the size limit, another status. */
  | 'refused'
  /** An answer whose fields have no names, so that the planned fields cannot be recognized (W12). */
  | 'window-unknown'
  /** The configuration asks for something that JSM does not have (C5). */
  | 'configuration';

/**
 * An error that ends what the run attempted, with a sentence for people and what they can do. Outcomes of the
 * rules are values; a fault is thrown.
 */
export class Fault extends Error {
  override readonly name: string = 'Fault';
  readonly kind: FaultKind;
  /** What happened and where. */
  readonly summary: Text;
  /** What to do about it. */
  readonly advice: Text;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;

  constructor(
    kind: FaultKind,
    summary: Text,
    advice: Text,
    options: ErrorOptions & { readonly status?: number | undefined } = {},
  ) {
    super(`${summary.line} ${advice.line}`, options);
    this.kind = kind;
    this.status = options.status;
    this.summary = summary;
    this.advice = advice;
  }
}

/** Returns what happened and what to do about it. */
export function faultWords({ summary, advice }: Fault): Text {
  return text`${summary} ${advice}`;
}

/** F3: the faults that, after a good check, count only if the next check has the same result. */
export const doubtedKinds: ReadonlySet<FaultKind> = new Set(['login', 'forbidden', 'missing', 'wrong-url']);

/** Ends the run because of its wait limit (P4) or a signal (F6). The run sends no further request. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
  readonly by: 'wait-limit' | 'signal';

  constructor(by: 'wait-limit' | 'signal') {
    super(by === 'wait-limit' ? 'The wait limit is reached.' : 'The run was asked to stop.');
    this.by = by;
  }
}

/** Returns the value of an action, or the fault that it threw. Other errors are rethrown. */
export async function attempt<T>(action: () => Promise<T>): Promise<T | Fault> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
