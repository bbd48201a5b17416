import { json, type Reply } from '../exchange.ts';
import type { Permission } from './account.ts';

/** Octopus' error body. */
export function octopusError(status: number, message: string, errors: readonly string[] = []): Reply {
  return json(status, { ErrorMessage: message, Errors: errors, HelpText: null });
}

export function notLoggedIn(): Reply {
  return octopusError(
    401,
    'You must be logged in to request this resource. Please provide a valid API key or log in again.',
  );
}

export function outsider(status: number): Reply {
  return octopusError(
    status,
    'You do not have access to this space. Please contact your Octopus administrator.',
  );
}

export function missingPermission(permission: Permission): Reply {
  return octopusError(
    403,
    `You do not have permission to perform this action. Please contact your Octopus administrator. Missing permission: ${permission}`,
  );
}

export function notFound(id: string): Reply {
  return octopusError(404, `The resource '${id}' was not found.`);
}

export function invalid(message: string, ...errors: string[]): Reply {
  return octopusError(400, message, errors);
}

export function unknownRoute(): Reply {
  return octopusError(404, 'The resource you requested was not found.');
}
