import { type Fault, faultCatalogue } from '../fault.ts';
import { octopusError } from './error.ts';

function refused(status: number, message: string): Fault {
  const { body, contentType } = octopusError(status, message);
  return { kind: 'status', status, body, contentType };
}

/** Every kind of fault by name, with errors in Octopus' words. */
export const octopusFaultCatalogue: Readonly<Record<string, Fault>> = {
  ...faultCatalogue,
  '400': refused(400, 'There was a problem with your request.'),
  '401': refused(401, 'You must be logged in to request this resource.'),
  '403': refused(403, 'You do not have permission to perform this action.'),
  '404': refused(404, 'The resource you requested was not found.'),
  '409': refused(409, 'The resource was changed by somebody else.'),
};
