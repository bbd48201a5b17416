/** One request and one answer, as the in-process model and the real server exchange them. */

export interface SiteRequest {
  method: string;
  /** Path and query after the host, including the context path. */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body?: string | undefined;
}

/** What the connection does as well as, or instead of, delivering the answer. */
export type ConnectionFault =
  /** The connection is reset before any byte of the answer arrives. */
  | { kind: 'reset' }
  /** The connection stays open without an answer. */
  | { kind: 'hang' }
  /** The connection breaks after this many bytes of the body; the announced length is the full one. */
  | { kind: 'cut-off'; afterBytes: number }
  /** The complete answer arrives this much later. */
  | { kind: 'slow'; delayMs: number };

export interface SiteAnswer {
  /** 0 if no answer arrives (`reset`, `hang`). */
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  fault?: ConnectionFault;
}

/** A recorded request with its answer. */
export interface RecordedRequest extends SiteRequest {
  /** When the request arrived, by the site's clock. */
  atMs: number;
  answer: SiteAnswer;
}

/** The answer of a route; the site adds the headers that every answer has. */
export interface Reply {
  status: number;
  body: string;
  contentType: string;
  headers?: Record<string, string>;
}

export const jsonType = 'application/json;charset=UTF-8';

export function json(status: number, value: unknown): Reply {
  return { status, body: JSON.stringify(value), contentType: jsonType };
}

/** A 204: Jira announces JSON but sends no body. */
export function noContent(): Reply {
  return { status: 204, body: '', contentType: jsonType };
}

export function html(status: number, title: string, text = title): Reply {
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${text}</h1></body></html>`;
  return { status, body, contentType: 'text/html;charset=UTF-8' };
}

export function plain(status: number, text: string): Reply {
  return { status, body: text, contentType: 'text/plain;charset=UTF-8' };
}

/** The platform's error envelope. */
export function jiraError(status: number, messages: string[], errors: Record<string, string> = {}): Reply {
  return json(status, { errorMessages: messages, errors });
}

/** The error envelope of `/rest/servicedeskapi`. */
export function jsmError(
  status: number,
  message: string,
  i18nKey = 'sd.error',
  parameters: string[] = [],
): Reply {
  return json(status, { errorMessage: message, i18nErrorMessage: { i18nKey, parameters } });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
