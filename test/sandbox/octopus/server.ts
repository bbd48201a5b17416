import { type ListenerOptions, listen } from '../listener.ts';
import { createOctopus, type Octopus, type OctopusOptions } from './octopus.ts';

interface OctopusServerOptions extends OctopusOptions, ListenerOptions {
  /** What steps get as `Octopus.Web.ServerUri`; by default the address that is listened on. */
  readonly serverUri?: string;
}

export type OctopusServer = Octopus & {
  /** The address of the server, virtual directory included: what `OctopusUrl` is set to. */
  readonly url: string;
  /** Connections that clients have opened so far. */
  connectionCount(): number;
  close(): Promise<void>;
};

/** Starts an Octopus stand-in on loopback. Without options: the space Default, a task cap of 5, in real time. */
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
