import { createHttpTransport, type HttpTransport } from '../src/http/http-transport.ts';
import { keepCertificateChecks, printsRequests } from '../src/settings/worker-environment.ts';
import { CommandError } from './command.ts';

/**
 * Creates the transport of a command that logs in to a real server with the user's own secret. It protects the
 * secret as the step does: no request is sent if Node would print it (X3), and every certificate is checked (F2).
 * @param env the environment of the process, which may name a proxy; what would weaken the checks is removed
 * @throws CommandError if Node would print the requests
 */
export function loginTransport(env: Record<string, string | undefined>): HttpTransport {
  if (printsRequests(env)) {
    throw new CommandError(
      'NODE_DEBUG is set, so Node would print every request with its secret. Remove it from the environment.',
    );
  }
  keepCertificateChecks(env);
  return createHttpTransport(env);
}
