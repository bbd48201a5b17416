import { isLoopback, trimBaseUrl } from '../../src/domain/base-url.ts';
import { UsageError } from '../command.ts';

interface OctopusLogin {
  /** The root URL of the server, without a trailing slash. */
  readonly server: string;
  readonly apiKey: string;
  /** Masks the key in a text: a server may repeat it in an error. */
  readonly withoutKey: (text: string) => string;
}

/**
 * Validates the server and the key.
 * @throws UsageError if either cannot be used; its message contains neither
 */
export function octopusLogin(server: string, key: string | undefined): OctopusLogin {
  const apiKey = key?.trim() ?? '';
  if (apiKey === '') throw new UsageError('The environment variable OCTOPUS_API_KEY is not set.');
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new UsageError('OCTOPUS_API_KEY contains characters that an API key cannot have.');
  }
  const fault = serverFault(server.trim());
  if (fault !== undefined) throw new UsageError(`The server's URL cannot be used: ${fault}`);
  return {
    server: trimBaseUrl(server),
    apiKey,
    withoutKey: (text) => text.replaceAll(apiKey, '********'),
  };
}

function serverFault(server: string): string | undefined {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return 'expected the root URL of the server, such as https://acme.octopus.app.';
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'expected a URL that begins with https; plain http is accepted for loopback hosts only.';
  }
  if (url.username !== '' || url.password !== '')
    return 'expected a URL without a user name and password in it.';
  if (/[?#]/.test(server) || /\/(?:app|api)(?:\/|$)/.test(url.pathname)) {
    return 'expected the root URL of the server, without the path of a page (such as /app#/Spaces-1).';
  }
  return undefined;
}
