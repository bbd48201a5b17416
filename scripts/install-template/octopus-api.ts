import { asArray, asObject, asText, type JsonObject } from '../../src/http/json.ts';
import { type HttpAnswer, type Transport, TransportError } from '../../src/http/transport.ts';

/** A call that failed; the message says why, and what to do about it. */
export class OctopusApiError extends Error {
  override readonly name = 'OctopusApiError';
}

interface OctopusApiOptions {
  /** The root URL of the server, without a trailing slash. */
  readonly server: string;
  readonly apiKey: string;
  readonly send: Transport;
  readonly wait: (ms: number) => Promise<void>;
}

const timeoutMs = 60_000;
const mostTries = 5;
/** Pause before the next attempt if a 429 does not say how long to wait. */
const pauseMs = 10_000;
const longestPauseMs = 60_000;
const mostPages = 200;

const reasons: Readonly<Record<TransportError['failure'], string>> = {
  'not-connected': 'the server could not be reached',
  'unknown-host': 'the host name is unknown',
  'bad-proxy': 'the proxy could not connect to it',
  certificate: "the server's certificate is not trusted (NODE_EXTRA_CA_CERTS can name further certificates)",
  lost: 'the connection was lost; run the command again, which shows what was done',
  timeout: 'there was no answer within 60 s; run the command again, which shows what was done',
  'too-large': 'the answer is larger than 5 MB',
};

const loginAdvice: Readonly<Record<number, string>> = {
  401: 'Check that OCTOPUS_API_KEY is a key of this server that has not expired, and that its account has a role in the space. ',
  403: "The key's account lacks a permission: ActionTemplateView, ActionTemplateCreate and ActionTemplateEdit in the space, and ProcessEdit for --update-steps. ",
};

const advice: Readonly<Record<number, string>> = {
  404: 'It may have been deleted in the meantime, or the server may be too old for this call.',
  409: 'Somebody else has changed it in the meantime; run the command again.',
  429: 'The server limits the requests of an account; run the command again later.',
};

/** Calls the REST API of an Octopus server. */
export class OctopusApi {
  readonly #options: OctopusApiOptions;

  constructor(options: OctopusApiOptions) {
    this.#options = options;
  }

  get server(): string {
    return this.#options.server;
  }

  /**
   * Sends one request.
   * @param path from the server's root, such as `/api/spaces/all`
   * @throws OctopusApiError unless the server answers with a success status and JSON
   */
  async call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#send(method, path, body);
      // The server did not carry out the request, so even a write can be sent again.
      if (answer.status !== 429 || tries === mostTries) return this.#jsonOf(method, path, answer);
      const seconds = Number(answer.header('retry-after') ?? Number.NaN);
      await this.#options.wait(Math.min(seconds >= 0 ? seconds * 1000 : pauseMs, longestPauseMs));
    }
  }

  /** Returns every item of a paged list. Stops at a page with nothing new, whatever the server says (F3). */
  async list(path: string): Promise<readonly JsonObject[]> {
    const items = new Map<string, JsonObject>();
    let skip = 0;
    for (let pages = 0; pages < mostPages; pages += 1) {
      const mark = path.includes('?') ? '&' : '?';
      const page = asObject(await this.call('GET', `${path}${mark}skip=${skip}&take=100`));
      const found = asArray(page?.['Items']);
      if (found === undefined) throw new OctopusApiError(`GET ${path} did not return a list.`);
      const known = items.size;
      for (const item of found) items.set(JSON.stringify(item), asObject(item) ?? {});
      skip += found.length;
      if (items.size === known || skip >= Number(page?.['TotalResults'])) return [...items.values()];
    }
    throw new OctopusApiError(`The list of GET ${path} did not end after ${mostPages} pages.`);
  }

  async #send(method: 'GET' | 'POST' | 'PUT', path: string, body: unknown): Promise<HttpAnswer> {
    const { server, apiKey, send } = this.#options;
    try {
      return await send(
        {
          method,
          url: `${server}${path}`,
          headers: {
            Accept: 'application/json',
            'X-Octopus-ApiKey': apiKey,
            'User-Agent': 'jsm-change-gate install-template',
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          timeoutMs,
          freshConnection: method !== 'GET',
        },
        new AbortController().signal,
      );
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      throw new OctopusApiError(`${server}: ${reasons[error.failure]} (${error.detail}).`, { cause: error });
    }
  }

  #jsonOf(method: string, path: string, answer: HttpAnswer): unknown {
    const { server } = this.#options;
    const { status } = answer;
    const call = `${method} ${path.replace(/\?.*/, '')}`;
    if (status >= 300 && status < 400) {
      throw new OctopusApiError(
        `${server} redirects to another address (${answer.header('location') ?? 'which it does not name'}). Redirects are not followed, because they would forward the API key: use the right address.`,
      );
    }
    const json = parsed(answer.text);
    if (json === undefined) {
      const what = /^\s*</.test(answer.text) ? 'a web page' : 'text that is not JSON';
      throw new OctopusApiError(
        `${call} returned status ${status} with ${what}. ${loginAdvice[status] ?? ''}Check that ${server} is the root URL of the Octopus server; the answer may also come from a proxy or a login page in front of it.`,
      );
    }
    if (status >= 200 && status < 300) return json;
    const words = messagesOf(json).replace(/\.$/, '');
    const said = `${call} returned status ${status}${words === '' ? '' : `: ${words}`}.`;
    throw new OctopusApiError(`${said} ${loginAdvice[status] ?? ''}${advice[status] ?? ''}`.trim());
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function messagesOf(json: unknown): string {
  const object = asObject(json);
  const errors = (asArray(object?.['Errors']) ?? []).flatMap((error) => asText(error) ?? []);
  return [...new Set([asText(object?.['ErrorMessage']) ?? '', ...errors])]
    .filter((message) => message !== '')
    .join(' ');
}
