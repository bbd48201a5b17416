import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { secretForms } from '../../src/octopus/secrets.ts';
import { defaultToken, defaultUsername } from '../sandbox/defaults.ts';
import { deploymentTitle, deploymentVariables } from '../sandbox/octopus-variables.ts';
import { startAction } from './run-action.ts';
import { number, scenario } from './scenario.ts';

const waiting = 'waiting for its approval';

describe('the process', () => {
  scenario.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '[F6] [O1] ends on %s during a wait, with a message and without another request',
    async (signal, { jsm }) => {
      const { raise, start } = await jsm();
      const running = start({ [number]: raise(), 'JsmChange.PollIntervalSeconds': '60' });
      await running.printed(waiting);
      const toldAt = Date.now();
      running.process.kill(signal);
      const ended = await running.ended;
      expect(Date.now() - toldAt).toBeLessThan(5000);
      expect(ended).toMatchObject({ exitCode: 1, signal: null, decision: 'Error' });
      expect(ended.result).toMatch(/cancelled/);
      expect(ended.outputs).toMatchObject({
        'ChangeRequest.Number': 'CHG-1',
        'ChangeRequest.Status': 'Review',
      });
      expect(ended.requests.filter(({ path }) => path.includes('/issue/'))).toHaveLength(1);
    },
  );

  // With a clock that is 10 times as fast, 1,500 ms are 15 s.
  const hold = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);';
  scenario.for([
    [
      'while it writes its ending',
      `const write = process.stdout.write.bind(process.stdout); let held = false;
       process.stdout.write = (text, ...more) => {
         if (!held && String(text).includes('Proceed.')) { held = true; ${hold} }
         return write(text, ...more);
       };`,
    ],
    ['after its ending was written', `process.on('exit', () => { ${hold} });`],
  ] as const)('[W8] exits with 1 if it is delayed %s', async ([_when, preload], { jsm }) => {
    const { raise, sandbox } = await jsm({ speed: 10 });
    const variables = deploymentVariables(sandbox, { [number]: raise({ status: 'Implementing' }) });
    const run = (options: string) =>
      startAction(variables, { speed: 10, environment: { NODE_OPTIONS: options } }).ended;
    expect((await run('')).exitCode).toBe(0);
    const held = await run(`--import=data:text/javascript,${encodeURIComponent(preload)}`);
    expect(held.exitCode).toBe(1);
    expect(held.stdout).toContain('Proceed.');
  });

  scenario('[F6] ends on SIGTERM while it awaits an answer', async ({ jsm }) => {
    const { start, sandbox } = await jsm({ faults: [{ fault: { kind: 'hang' } }] });
    const running = start({ [number]: 'CHG-1' });
    while (sandbox.requests.length === 0) await sleep(20);
    running.process.kill('SIGTERM');
    const ended = await running.ended;
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Error',
      result: expect.stringMatching(/cancelled/),
    });
  });

  scenario('[F6] leaves a change request that the retried step uses if it is killed', async ({ jsm }) => {
    const { run, start, site } = await jsm({ speed: 10 });
    const killed = startAction(deploymentVariables({ url: site.baseUrl }), { speed: 10 });
    await killed.printed('Raised the change request');
    killed.process.kill('SIGKILL');
    await killed.ended;
    const retried = start();
    await retried.printed(waiting);
    site.moveTo('CHG-1', 'Implementing');
    const ended = await retried.ended;
    expect(ended.outputs).toMatchObject({
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Matched',
    });
    expect(ended.decision).toBe('Proceed');
    expect(site.openWithSummary(deploymentTitle)).toHaveLength(1);
    expect(await run()).toMatchObject({ decision: 'Proceed' });
  });

  scenario.for([
    ['at the next change', 5000],
    ['at the next progress message', 600_000],
  ] as const)('[F6] ends %s if nobody reads its output any more', async ([, changeAfterMs], { jsm }) => {
    const { raise, site } = await jsm({ speed: 30 });
    const key = raise();
    const action = startAction(deploymentVariables({ url: site.baseUrl }, { [number]: key }), { speed: 30 });
    // The last line that the first check writes.
    await action.printed('##octopus[progress');
    site.after(changeAfterMs, () => site.moveTo(key, 'Planning'));
    action.process.stdout?.destroy();
    const ended = await action.ended;
    expect(ended).toMatchObject({ exitCode: 1, signal: null, stderr: '' });
    expect(site.issue(key).status.name).toBe(changeAfterMs > 60_000 ? 'Review' : 'Planning');
  });

  scenario('ends as soon as it has decided, even with open connections', async ({ jsm }) => {
    const { raise, start, sandbox } = await jsm();
    const running = start({ [number]: raise({ status: 'Implementing' }) });
    while (sandbox.requests.length === 0) await sleep(5);
    const answeredAt = Date.now();
    expect((await running.ended).decision).toBe('Proceed');
    expect(Date.now() - answeredAt).toBeLessThan(3000);
  });

  scenario(
    '[X3] masks the forms of the login that Octopus does not know, before any other line',
    async ({ jsm }) => {
      const { raise, run } = await jsm();
      const ended = await run({ [number]: raise({ status: 'Implementing' }) });
      const basic = Buffer.from(`${defaultUsername}:${defaultToken}`).toString('base64');
      expect(ended.masks).toContain(basic);
      expect(ended.masks).not.toContain(defaultToken);
      expect(ended.requests[0]?.headers['authorization']).toBe(`Basic ${basic}`);
      expect(ended.stdout.lastIndexOf('##octopus[mask')).toBeLessThan(ended.stdout.indexOf('CHG-1'));
    },
  );

  scenario.for(['http', 'fs, HTTPS', 'net', 'h*'])(
    '[X3] sends nothing if Node would print its requests: NODE_DEBUG=%s',
    async (NODE_DEBUG, { jsm }) => {
      const { raise, sandbox } = await jsm();
      const variables = deploymentVariables(sandbox, { [number]: raise({ status: 'Implementing' }) });
      const ended = await startAction(variables, { environment: { NODE_DEBUG } }).ended;
      expect(ended.exitCode).toBe(1);
      expect(ended.result).toContain("NODE_DEBUG is set in the worker's environment");
      expect(sandbox.requests).toEqual([]);
      expect(`${ended.stdout}${ended.stderr}`).not.toContain(defaultToken);
    },
  );

  scenario('continues if Node only prints something else', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const ended = await run(
      { [number]: raise({ status: 'Implementing' }) },
      { environment: { NODE_DEBUG: 'mymodule,timers' } },
    );
    expect(ended.decision).toBe('Proceed');
  });

  scenario.for(['a"b\\c d/é+=&?%#', 'pässwörd-ウェブ', "quo'te`$(id)"])(
    '[X3] shows no form of a token that every answer echoes: %s',
    async (secret, { jsm }) => {
      const logins = [{ kind: 'basic', username: defaultUsername, secret } as const];
      const echo = secretForms(defaultUsername, secret).join(' and ');
      const body = JSON.stringify({ errorMessages: [`You sent ${echo}`], errors: { [secret]: secret } });
      const { run } = await jsm({ logins, faults: [{ fault: { kind: 'status', status: 403, body } }] });
      const ended = await run({ [number]: 'CHG-1', 'JsmChange.Token': secret });
      expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
      expect(ended.result).toContain('********');
    },
  );
});

describe.skipIf(!existsSync('/proc/self/cmdline'))('the process as other users of the machine see it', () => {
  scenario('[X3] has no secret on its command line and starts no other process', async ({ jsm }) => {
    const { raise, start } = await jsm();
    const running = start({ [number]: raise() });
    await running.printed(waiting);
    const commandLine = readFileSync(`/proc/${running.pid}/cmdline`, 'utf8');
    const children = readdirSync(`/proc/${running.pid}/task`).map((task) =>
      readFileSync(`/proc/${running.pid}/task/${task}/children`, 'utf8'),
    );
    running.process.kill('SIGTERM');
    await running.ended;
    expect(commandLine).toContain('index.js');
    for (const form of secretForms(defaultUsername, defaultToken)) expect(commandLine).not.toContain(form);
    expect(children.join('').trim()).toBe('');
  });
});
