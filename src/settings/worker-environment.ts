/** What the environment of a process can do to its requests. */
type Environment = Record<string, string | undefined>;

/** The parts of Node whose debug output contains requests or their contents. */
const tellingParts: readonly string[] = ['http', 'https', 'net', 'tls', 'stream'];

/** X3: whether `NODE_DEBUG` makes Node print requests, and with them the login. */
export function printsRequests(env: Readonly<Environment>): boolean {
  const traced = (env['NODE_DEBUG'] ?? '').split(',').map((part) => part.trim().toLowerCase());
  return traced.some((part) => part.includes('*') || tellingParts.includes(part));
}

/** F2: keeps a refused certificate refused. */
export function keepCertificateChecks(env: Environment): void {
  delete env['NODE_TLS_REJECT_UNAUTHORIZED'];
}
