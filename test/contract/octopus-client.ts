import { Client } from '@octopusdeploy/api-client';

/** Octopus' own client, logged in with this key. */
export function octopusClient(url: string, apiKey: string): Promise<Client> {
  return Client.create({ instanceURL: url, apiKey, userAgentApp: 'stand-in' });
}
