import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTaskLog } from '../black-box/task-log.ts';
import { deploymentTitle, deploymentVariables } from '../sandbox/octopus-variables.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { templateBody } from './body.ts';
import { engines, removeFolders, run, runCommand } from './engine.ts';

// The engine whose Node knows the Windows certificate store.
const engine = engines.find(({ name }) => name.endsWith('Node 22'));
const skipped = engine?.missing !== undefined && !process.env['CI'];

describe.skipIf(skipped)(
  `a company's own CA on Windows${skipped ? ` (skipped: ${engine?.missing})` : ''}`,
  () => {
    if (engine === undefined) throw new Error('No engine has Node 22.');
    const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
    let sandbox: Sandbox;

    beforeAll(async () => {
      await engine.prepare();
      makeCertificates(folder);
      const read = (name: string) => readFileSync(join(folder, name), 'utf8');
      sandbox = await startSandbox({ tls: { key: read('site.key'), cert: read('site.crt') } });
      sandbox.site.createRequest({ summary: deploymentTitle, status: 'Implementing' });
      await changeStore('Add');
    }, 300_000);
    afterAll(async () => {
      await changeStore('Remove');
      await sandbox.close();
      removeFolders();
      rmSync(folder, { recursive: true });
    });

    const changeStore = (method: 'Add' | 'Remove') =>
      runCommand(
        engine,
        `$store = [Security.Cryptography.X509Certificates.X509Store]::new('Root', 'CurrentUser')
$store.Open('ReadWrite')
$store.${method}([Security.Cryptography.X509Certificates.X509CertificateLoader]::LoadCertificateFromFile('${join(folder, 'ca.crt')}'))
$store.Close()`,
      );

    const deploy = async (environment: Record<string, string>) => {
      const end = await run(engine, {
        body: templateBody,
        variables: deploymentVariables(sandbox, { 'JsmChange.WhenPending': 'Fail' }),
        environment,
      });
      return { ...end, ...readTaskLog(end.stdout) };
    };

    it("is trusted if it is in the system's certificate store", async () => {
      expect(await deploy({})).toMatchObject({ code: 0, stderr: '', outputs: { Decision: 'Proceed' } });
    });

    it('is rejected if the worker turns that off, and the message suggests a fix', async () => {
      const ended = await deploy({ NODE_USE_SYSTEM_CA: '0' });
      expect(ended).toMatchObject({ code: 1, stderr: '', outputs: { Decision: 'Error' } });
      expect(ended.result).toContain('NODE_USE_SYSTEM_CA');
    });

    it('is trusted if NODE_EXTRA_CA_CERTS names it', async () => {
      const environment = { NODE_USE_SYSTEM_CA: '0', NODE_EXTRA_CA_CERTS: `Z:${join(folder, 'ca.crt')}` };
      expect(await deploy(environment)).toMatchObject({ code: 0, outputs: { Decision: 'Proceed' } });
    });
  },
);

/** Creates a CA, `ca.crt`, and the certificate that it signs for 127.0.0.1, `site.key` and `site.crt`. */
function makeCertificates(folder: string): void {
  const openssl = (...options: string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=Acme Test CA',
    '-days',
    '2',
  );
  openssl(
    ...[
      'req',
      '-x509',
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      ...key,
      '-keyout',
      'site.key',
      '-out',
      'site.crt',
    ],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
  );
}
