import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import fetch, { FetchError } from 'node-fetch';
import { type ProxyEnvironment, proxyFor } from './proxy-choice.ts';
import {
  codeOf,
  type HttpAnswer,
  type HttpRequest,
  largestAnswerBytes,
  type Transport,
  TransportError,
  type TransportFailure,
} from './transport.ts';

export interface HttpTransport {
  readonly send: Transport;
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** Sends requests by node-fetch: reads on open connections, writes on new ones, proxies by CONNECT (X6). */
export function createHttpTransport(env: ProxyEnvironment): HttpTransport {
  const agents = new Map<string, HttpAgent>();

  function directAgent({ protocol }: URL, fresh: boolean): HttpAgent {
    const id = `${protocol}|${fresh}`;
    const known = agents.get(id);
    if (known !== undefined) return known;
    const options = { keepAlive: !fresh };
    const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    agents.set(id, agent);
    return agent;
  }

  return {
    send: async (request, signal) => {
      const url = new URL(request.url);
      const proxy = proxyFor(url, env);
      if (proxy === undefined) {
        return exchange(request, signal, () => directAgent(url, request.freshConnection));
      }
      // Load the tunnel only if there is a proxy, since loading it takes time.
      const { ProxyTunnel } = await import('./proxy-tunnel.ts');
      // Use CONNECT for http as well: a forwarding proxy would see the Authorization header.
      return exchange(request, signal, (own) => new ProxyTunnel(proxy, own));
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

interface Connector extends HttpAgent {
  /** Why the site was not reached, if the agent knows. */
  readonly failure?: TransportError | undefined;
}

/** @param agentFor returns the agent, given the signal that ends this exchange */
async function exchange(
  request: HttpRequest,
  signal: AbortSignal,
  agentFor: (own: AbortSignal) => Connector,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const own = new AbortController();
  const agent = agentFor(own.signal);
  const timer = setTimeout(() => own.abort(), request.timeoutMs);
  const end = (): void => own.abort();
  signal.addEventListener('abort', end, { once: true });
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      agent,
      redirect: 'manual',
      size: largestAnswerBytes,
      signal: own.signal as never,
    });
    const text = await response.text();
    return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (own.signal.aborted)
      throw new TransportError('timeout', `no answer within ${Math.round(request.timeoutMs / 100) / 10} s`);
    // A TypeError means that the request could not be sent: a bug in the step, not a network fault.
    if (error instanceof TypeError) throw error;
    throw agent.failure ?? transportError(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

const failureByCode: Readonly<Record<string, TransportFailure>> = {
  ENOTFOUND: 'unknown-host',
  EAI_AGAIN: 'unknown-host',
  ECONNREFUSED: 'not-connected',
  EHOSTUNREACH: 'not-connected',
  ENETUNREACH: 'not-connected',
  ENETDOWN: 'not-connected',
  EHOSTDOWN: 'not-connected',
};

function transportError(error: unknown): TransportError {
  const cause = rootCause(error);
  if (error instanceof FetchError && error.type === 'max-size') {
    return new TransportError('too-large', `over ${largestAnswerBytes} bytes`, { cause: error });
  }
  const code = codeOf(cause) ?? codeOf(error);
  if (code !== undefined && isCertificateCode(code))
    return new TransportError('certificate', code, { cause: error });
  const failure = code === undefined || isOfAnOpenConnection(error) ? undefined : failureByCode[code];
  return new TransportError(failure ?? 'lost', code ?? 'the connection failed', { cause: error });
}

/** A host may be reported as unreachable even on an open connection, after the request was sent. */
function isOfAnOpenConnection(error: unknown): boolean {
  const call = error instanceof FetchError && 'erroredSysCall' in error ? error.erroredSysCall : undefined;
  return typeof call === 'string' && /^(?:read|write|shutdown)$/.test(call);
}

function rootCause(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error && cause.cause !== undefined; depth += 1) {
    cause = cause.cause;
  }
  return cause;
}

/** OpenSSL's verification codes, and Node's code for a certificate of another host. */
function isCertificateCode(code: string): boolean {
  return /CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH|^INVALID_CA|^PATH_LENGTH_EXCEEDED/.test(code);
}
