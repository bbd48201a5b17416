import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readTaskLog } from '../black-box/task-log.ts';
import { runStep } from '../launcher/bash-step.ts';
import { deploymentTitle, deploymentVariables } from '../sandbox/octopus-variables.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { bashTemplateBody, templateBody } from './body.ts';
import { thoroughEngines } from './cases.ts';
import { removeFolders, run } from './engine.ts';

const field = (name: string) => `Octopus.JiraServiceManagement.Field[${name}]`;

/** A worker that runs a step template's body as Octopus would after an import. */
interface Worker {
  readonly name: string;
  readonly missing: string | undefined;
  /** Whether its output is decoded with another code page. */
  readonly asciiOnly: boolean;
  prepare(): Promise<void>;
  run(variables: Record<string, string>): Promise<{
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
    readonly left: readonly string[];
  }>;
}

const workers: readonly Worker[] = [
  {
    name: 'Bash',
    missing: undefined,
    asciiOnly: false,
    prepare: async () => undefined,
    run: (variables) => runStep({ body: bashTemplateBody, options: 'array', variables }),
  },
  ...thoroughEngines.map((engine) => ({
    name: engine.name,
    missing: engine.missing,
    asciiOnly: engine.windows,
    prepare: engine.prepare,
    run: (variables: Record<string, string>) =>
      run(engine, { body: templateBody, variables, strict: 'octopus' }),
  })),
];

let sandbox: Sandbox;

for (const worker of workers) {
  const skipped = worker.missing !== undefined && !process.env['CI'];
  const name = `the step in ${worker.name}${skipped ? ` (skipped: ${worker.missing})` : ''}`;
  describe.skipIf(skipped)(name, () => {
    beforeAll(() => worker.prepare(), 300_000);
    afterEach(() => sandbox.close());
    afterAll(removeFolders);

    /** Runs the step against the site, and checks the rules for every run. */
    async function deploy(overrides: Record<string, string> = {}) {
      const variables = deploymentVariables(sandbox, overrides);
      const { code, stdout, stderr, left } = await worker.run(variables);
      expect(stderr).toBe('');
      expect(left).toEqual([]);
      const token = variables['JsmChange.Token'] ?? '';
      expect(token).not.toBe('');
      for (const form of [token, encodeURIComponent(token), Buffer.from(token).toString('base64')]) {
        expect(stdout.replace(/^##octopus\[mask .*$/gm, '')).not.toContain(form);
      }
      if (worker.asciiOnly) expect(stdout).toMatch(/^[ -~\n]+$/);
      const log = readTaskLog(stdout);
      expect(log.dropped).toEqual([]);
      return { code, log, outputs: log.outputs };
    }

    it('[B1] [B5] allows a deployment whose change request is ready', async () => {
      sandbox = await startSandbox();
      const { key } = sandbox.site.createRequest({ summary: 'A change', status: 'Implementing' });
      const number = ` ${key.toLowerCase()}\n`;
      const ended = await deploy({ 'Octopus.JiraServiceManagement.ChangeRequest.Number': number });
      expect(ended).toMatchObject({
        code: 0,
        outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Supplied' },
      });
    });

    it('[B1] [B5] blocks a deployment whose change request is pending if it must not wait', async () => {
      sandbox = await startSandbox();
      const { key } = sandbox.site.createRequest({ summary: deploymentTitle, status: 'Authorize' });
      const ended = await deploy({ 'JsmChange.WhenPending': 'Fail' });
      expect(ended).toMatchObject({
        code: 1,
        outputs: { Decision: 'Stop', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
      });
      expect(ended.log.result).toContain(key);
    });

    it('[B3] raises a change request with its fields, waits for the approval, and proceeds', async () => {
      sandbox = await startSandbox({
        onCreate: (site, key) => site.after(2500, (later) => later.moveTo(key, 'Implementing')),
      });
      const summary = `Déployer "l'appli" \\ 部署 $(x) %PATH% * [1]`;
      const ended = await deploy({
        [field('Summary')]: summary,
        'Octopus.Project.Name': 'Größe "Web" \\ $(x)',
        'Octopus.Release.Notes': 'Первая строка\r\nsecond line',
      });
      expect({ ...ended, log: undefined }, JSON.stringify(ended.log.lines, null, 1)).toMatchObject({
        code: 0,
        outputs: { Decision: 'Proceed', 'ChangeRequest.Source': 'Created' },
      });
      const raised = sandbox.site.openWithSummary(summary);
      expect(raised.map(({ key }) => key)).toEqual([ended.outputs['ChangeRequest.Number']]);
      const sent = sandbox.requests.find(
        ({ method, path }) => method === 'POST' && path.endsWith('/request'),
      );
      expect(sent?.body).toContain('Größe');
      expect(sent?.body).toContain('Первая строка');
    });

    it('[S1] requires nothing in an environment that is not change controlled', async () => {
      sandbox = await startSandbox();
      const ended = await deploy({ 'JsmChange.EnvironmentChangeControlled': 'False' });
      expect(ended).toMatchObject({ code: 0, outputs: { Decision: 'NotRequired' } });
      expect(sandbox.requests).toEqual([]);
    });
  });
}

for (const engine of thoroughEngines) {
  const skipped = engine.missing !== undefined && !process.env['CI'];
  const name = `a wait in ${engine.name}${skipped ? ` (skipped: ${engine.missing})` : ''}`;
  describe.skipIf(skipped)(name, () => {
    beforeAll(() => engine.prepare(), 300_000);
    afterEach(() => sandbox.close());
    afterAll(removeFolders);

    it('[B6] ends with a killed launcher', async () => {
      sandbox = await startSandbox();
      sandbox.site.createRequest({ summary: deploymentTitle, status: 'Authorize' });
      const step = engine.start({ body: templateBody, variables: deploymentVariables(sandbox) });
      const checks = () => sandbox.requests.length;
      await expect.poll(checks, { timeout: 60_000 }).toBeGreaterThan(4);
      step.kill();
      const killed = await step.ended;
      expect(killed.code).toBe(-1);
      // Requests in progress may still arrive; the step checks once a second, so two seconds without a check
      // are proof.
      await sleep(1000);
      const seen = checks();
      await sleep(2200);
      expect(checks()).toBe(seen);
    });
  });
}
