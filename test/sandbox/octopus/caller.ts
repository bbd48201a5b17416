import type { SiteAnswer } from '../exchange.ts';
import type { User } from './account.ts';
import type { Octopus } from './octopus.ts';

interface OctopusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON of the body; undefined if there is none. */
  readonly json: unknown;
  readonly answer: SiteAnswer;
}

/** Sends requests of a user in process, for tests; without a user, nobody is logged in. */
export function callerOf(octopus: Octopus, user?: User) {
  const call = (method: string, path: string, body?: unknown): OctopusAnswer => {
    const answer = octopus.answer({
      method,
      path: `${octopus.contextPath}${path}`,
      headers: user === undefined ? {} : { 'x-octopus-apikey': user.apiKey },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const isJson = answer.headers['content-type']?.includes('json') === true && answer.body !== '';
    return {
      status: answer.status,
      headers: answer.headers,
      json: isJson ? JSON.parse(answer.body) : undefined,
      answer,
    };
  };
  return {
    get: (path: string) => call('GET', path),
    put: (path: string, body?: unknown) => call('PUT', path, body),
    post: (path: string, body?: unknown) => call('POST', path, body),
    take: (id: string) => call('PUT', `/api/Spaces-1/interruptions/${id}/responsible`),
    submit: (id: string, result: string, notes = '') =>
      call('POST', `/api/Spaces-1/interruptions/${id}/submit`, {
        Id: id,
        SpaceId: 'Spaces-1',
        Result: result,
        Guidance: result,
        Notes: notes,
      }),
  };
}
