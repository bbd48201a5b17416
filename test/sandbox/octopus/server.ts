import { type ListenerOptions, listen } from '../listener.ts';
import { createOctopus, type Octopus, type OctopusOptions } from './octopus.ts';

interface OctopusServerOptions extends OctopusOptions, ListenerOptions {
  /** The value of `Octopus.Web.ServerUri` in steps; by default the address of the server. */
  readonly serverUri?: string;
}

export type OctopusServer = Octopus & {
  /** The address of the server, including the virtual directory: the value for `OctopusUrl`. */
  readonly url: string;
  /** The number of connections that clients have opened so far. */
  connectionCount(): number;
  close(): Promise<void>;
};

/**
 * Starts an Octopus stand-in on loopback. Without options: the space Default, a task cap of 5, in real time.
 */
export async function startOctopus(options: OctopusServerOptions = {}): Promise<OctopusServer> {
  const { tls, port, gzip, serverUri, ...others } = options;
  const octopus = createOctopus(others);
  const { origin, connectionCount, close } = await listen((request) => octopus.answer(request), {
    tls,
    port,
    gzip,
  });
  const url = `${origin}${octopus.contextPath}`;
  octopus.serverUri = serverUri ?? url;
  return Object.assign(octopus, { url, connectionCount, close });
}
