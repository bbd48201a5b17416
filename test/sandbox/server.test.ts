import { afterEach, describe, expect, it } from 'vitest';
import { loginHeader } from './caller.ts';
import { OffsetClock } from './clock.ts';
import type { FaultOrder } from './fault.ts';
import { deploymentTitle, deploymentVariables } from './octopus-variables.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from './server.ts';

const started: Sandbox[] = [];

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  started.push(sandbox);
  sandbox.site.createRequest({ summary: 'There already' });
  return sandbox;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.close()));
});

function get(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.url}${path}`, { headers: { authorization: loginHeader(sandbox.site) }, ...init });
}

const issue = '/rest/api/2/issue/CHG-1';

/** Returns the error code of a broken request, from wherever the client puts it. */
async function breakCode(answer: Promise<Response>): Promise<unknown> {
  try {
    await (await answer).text();
    return 'no fault';
  } catch (error) {
    return ((error as Error).cause as { code?: unknown } | undefined)?.code;
  }
}

describe('the sandbox as a server', () => {
  it('serves project CHG under its own address and records what it is asked', async () => {
    const sandbox = await start();
    const answer = await get(sandbox, `${issue}?fields=summary`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      key: 'CHG-1',
      self: `${sandbox.url}/rest/api/2/issue/107001`,
    });
    expect(sandbox.requests).toMatchObject([
      { method: 'GET', path: `${issue}?fields=summary`, answer: { status: 200 } },
    ]);
    expect(Math.abs((sandbox.requests[0]?.atMs ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(sandbox.connectionCount()).toBe(1);
  });

  it('keeps a context path, and the gateway as well', async () => {
    const cloud = await start();
    expect((await fetch(`${cloud.gatewayUrl}/rest/api/2/serverInfo`)).status).toBe(401);
    const dc = await start({ flavour: 'dc', contextPath: '/jira' });
    expect(dc.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/jira$/);
    expect((await get(dc, issue)).status).toBe(200);
    expect((await fetch(`${new URL(dc.url).origin}${issue}`)).status).toBe(404);
  });

  it('sends the Date of its own clock, or none', async () => {
    const clock = new OffsetClock();
    clock.offsetMs = 3_600_000;
    const sandbox = await start({ clock });
    const date = Date.parse((await get(sandbox, issue)).headers.get('date') ?? '');
    expect(Math.abs(date - Date.now() - 3_600_000)).toBeLessThan(10_000);
    sandbox.site.behaviour.dateHeader = 'none';
    expect((await get(sandbox, issue)).headers.has('date')).toBe(false);
  });

  it('accepts a body in any language and answers 204 without one', async () => {
    const sandbox = await start();
    const answer = await get(sandbox, issue, {
      method: 'PUT',
      headers: { authorization: loginHeader(sandbox.site), 'content-type': 'application/json' },
      body: JSON.stringify({ fields: { summary: 'Развернуть 展開 🚀' } }),
    });
    expect(answer.status).toBe(204);
    expect(sandbox.site.issue('CHG-1').values.get('summary')).toBe('Развернуть 展開 🚀');
  });

  it.each<[string, FaultOrder, unknown]>([
    ['resets a connection', { fault: { kind: 'reset' } }, 'ECONNRESET'],
    ['cuts an answer off', { fault: { kind: 'cut-off' } }, 'UND_ERR_SOCKET'],
  ])('%s', async (_, order, code) => {
    const sandbox = await start({ faults: [order] });
    expect(await breakCode(get(sandbox, issue))).toBe(code);
    sandbox.site.faults.clear();
    expect((await get(sandbox, issue)).status).toBe(200);
  });

  it('hangs without an answer, and still closes', async () => {
    const sandbox = await start({ faults: [{ fault: { kind: 'hang' } }] });
    await expect(get(sandbox, issue, { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/i);
    expect(sandbox.requests).toHaveLength(1);
    await sandbox.close();
  });

  it('is slow when a test wants it', async () => {
    const sandbox = await start({ faults: [{ fault: { kind: 'slow', delayMs: 80 } }] });
    const from = performance.now();
    expect((await get(sandbox, issue)).status).toBe(200);
    expect(performance.now() - from).toBeGreaterThanOrEqual(75);
  });

  it('compresses for clients that accept it', async () => {
    const answer = await get(await start({ gzip: true, issueBodyBytes: 100_000 }), issue);
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(Number(answer.headers.get('content-length'))).toBeLessThan(10_000);
    expect(await answer.json()).toMatchObject({ key: 'CHG-1' });
  });

  it('gives the variables of a deployment that asks for its own title', async () => {
    const variables = deploymentVariables(await start(), { 'JsmChange.WhenPending': 'Fail' });
    const { 'Octopus.Project.Name': project, 'Octopus.Release.Number': release } = variables;
    expect(deploymentTitle).toBe(
      `Octopus: Deploy "${project}" version ${release} to "${variables['Octopus.Environment.Name']}"`,
    );
    expect(variables).toMatchObject({
      'JsmChange.WhenPending': 'Fail',
      'JsmChange.BaseUrl': started[0]?.url,
    });
  });
});
