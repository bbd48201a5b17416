import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server's key and certificate (PEM), and the private authority that signed it. */
export interface Certificates {
  readonly key: string;
  readonly cert: string;
  /** The path of the authority's certificate: the value of `NODE_EXTRA_CA_CERTS`. */
  readonly authorityPath: string;
  readonly folder: string;
}

/**
 * Creates a certificate for these names with openssl, valid for one day.
 * @param names in openssl's notation: `DNS:jira.acme.example`, `IP:127.0.0.1`
 * @param authority signs the certificate; a new one by default
 */
export function createCertificates(names: readonly string[], authority?: Certificates): Certificates {
  const folder = authority?.folder ?? mkdtempSync(join(tmpdir(), 'certificates-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): void => {
    execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  if (authority === undefined) {
    const keys = ['-keyout', file('authority.key'), '-out', file('authority.pem')];
    openssl('req', '-x509', ...newKey, '-days', '1', '-subj', '/CN=Acme private authority', ...keys);
  }
  const server = `server-${names.join().replace(/[^\w.]/g, '-')}`;
  writeFileSync(file(`${server}.ext`), `subjectAltName=${names.join()}\n`);
  openssl(
    'req',
    ...newKey,
    '-subj',
    '/CN=server',
    '-keyout',
    file(`${server}.key`),
    '-out',
    file(`${server}.csr`),
  );
  const signed = [
    '-CA',
    file('authority.pem'),
    '-CAkey',
    file('authority.key'),
    '-CAcreateserial',
    '-days',
    '1',
  ];
  const request = [
    '-in',
    file(`${server}.csr`),
    '-out',
    file(`${server}.pem`),
    '-extfile',
    file(`${server}.ext`),
  ];
  openssl('x509', '-req', ...signed, ...request);
  return {
    key: readFileSync(file(`${server}.key`), 'utf8'),
    cert: readFileSync(file(`${server}.pem`), 'utf8'),
    authorityPath: file('authority.pem'),
    folder,
  };
}
