import { beforeEach, describe, expect, it } from 'vitest';
import { SettableClock } from '../clock.ts';
import { callerOf } from './caller.ts';
import { createOctopus, type Octopus } from './octopus.ts';

const clock = new SettableClock();
let octopus: Octopus;
let caller: ReturnType<typeof callerOf>;
beforeEach(() => {
  clock.set(Date.UTC(2026, 5, 13, 8));
  octopus = createOctopus({ clock });
  const permissions = ['InterruptionView', 'InterruptionSubmit', 'TaskView', 'TaskCancel'] as const;
  caller = callerOf(octopus, octopus.addUser({ username: 'robot', permissions }));
});

describe('The Octopus stand-in as a server', () => {
  it('answers GET /api to anybody, and nothing else', () => {
    const nobody = callerOf(octopus);
    expect(nobody.get('/api')).toMatchObject({ status: 200, json: { Application: 'Octopus Deploy' } });
    expect(nobody.get('/api/users/me')).toMatchObject({
      status: 401,
      json: { ErrorMessage: expect.stringContaining('logged in'), Errors: [] },
    });
  });

  it('accepts an access token as well as a key', () => {
    const user = octopus.addUser({ username: 'oidc' });
    octopus.accessTokens.set('a.b.c', user);
    const answer = octopus.answer({
      method: 'GET',
      path: '/api/users/me',
      headers: { authorization: 'Bearer a.b.c' },
    });
    expect(JSON.parse(answer.body)).toMatchObject({ Id: user.id });
  });

  it('tells a page of the portal from the API, and a method from a path', () => {
    expect(caller.get('/app/api')).toMatchObject({ status: 200, json: undefined });
    expect(caller.get('/elsewhere/api')).toMatchObject({ status: 404, json: undefined });
    expect(caller.get('/api/nothing').status).toBe(404);
    expect(caller.post('/api/users/me').status).toBe(405);
  });

  it('may have a virtual directory', () => {
    const inside = createOctopus({ contextPath: '/octopus' });
    expect(callerOf(inside).get('/api').status).toBe(200);
    expect(inside.answer({ method: 'GET', path: '/api', headers: {} }).status).toBe(404);
  });

  it('gives its time, unless it has none to give', () => {
    expect(caller.get('/api').headers['date']).toBe('Sat, 13 Jun 2026 08:00:00 GMT');
    octopus.behaviour.dateOffsetMs = 60_000;
    expect(caller.get('/api').headers['date']).toBe('Sat, 13 Jun 2026 08:01:00 GMT');
    octopus.behaviour.givesDate = false;
    expect(caller.get('/api').headers['date']).toBeUndefined();
  });

  it('limits each user to a bucket of requests, and carries out none beyond', () => {
    octopus.behaviour.rateLimit = { perMinute: 60, burst: 2, givesRetryAfter: true };
    const { id } = octopus.park();
    expect(caller.get('/api/users/me').status).toBe(200);
    expect(caller.get('/api/users/me').status).toBe(200);
    expect(caller.take(id)).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(octopus.interruptions[0]?.responsible).toBeUndefined();
    expect(callerOf(octopus, octopus.addUser({ username: 'other' })).get('/api/users/me').status).toBe(200);
    clock.advance(1000);
    expect(caller.take(id).status).toBe(200);
    octopus.behaviour.rateLimit.givesRetryAfter = false;
    expect(caller.take(id).headers['retry-after']).toBeUndefined();
  });

  it('fails by order, before the work or after it', () => {
    const { id } = octopus.park();
    const responsible = /\/responsible$/;
    octopus.faults.add(
      {
        fault: { kind: 'status', status: 503, retryAfterSeconds: 7 },
        method: 'PUT',
        path: responsible,
        at: 1,
      },
      { fault: { kind: 'reset', afterWork: true }, method: 'PUT', path: responsible, at: 2 },
    );
    expect(caller.take(id)).toMatchObject({ status: 503, headers: { 'retry-after': '7' } });
    expect(octopus.interruptions[0]?.responsible).toBeUndefined();
    expect(caller.take(id).answer).toMatchObject({ status: 0, fault: { kind: 'reset' } });
    expect(octopus.interruptions[0]?.responsible).toMatchObject({ username: 'robot' });
    expect(octopus.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });
});

describe('Parked deployments', () => {
  it('hold no slot, and wait for one when they go on', () => {
    const small = createOctopus({ clock, cap: 1 });
    const robot = small.addUser({ username: 'robot' });
    const [first, second] = [
      small.park({ project: 'Web Site', workMs: 10_000 }),
      small.park({ project: 'Shop', workMs: 10_000 }),
    ];
    expect(first.task).toMatchObject({ state: 'Queued', startedMs: clock.now() });
    clock.advance(5000);
    small.answerInterruption(first, 'Proceed', robot);
    small.answerInterruption(second, 'Proceed', robot);
    expect([first.task.state, second.task.state]).toEqual(['Executing', 'Queued']);
    clock.advance(30_000);
    const start = Date.UTC(2026, 5, 13, 8);
    expect(small.timeline.map(({ atMs, ...point }) => ({ at: atMs - start, ...point }))).toEqual([
      { at: 0, slots: 0, queued: 0, paused: 0 },
      { at: 0, slots: 0, queued: 0, paused: 1 },
      { at: 0, slots: 0, queued: 0, paused: 2 },
      { at: 5000, slots: 1, queued: 0, paused: 1 },
      { at: 5000, slots: 1, queued: 1, paused: 0 },
      { at: 15_000, slots: 1, queued: 0, paused: 0 },
      { at: 25_000, slots: 0, queued: 0, paused: 0 },
    ]);
    expect([first.task.state, second.task.state]).toEqual(['Success', 'Success']);
  });

  it('are tasks that are queued, have started, and have pending interruptions', () => {
    const { task } = octopus.park();
    octopus.addRun();
    const pending = caller.get('/api/Spaces-1/tasks?hasPendingInterruptions=true&states=Queued&name=Deploy');
    expect(pending.json).toMatchObject({
      TotalResults: 1,
      Items: [
        {
          Id: task.id,
          State: 'Queued',
          StartTime: '2026-06-13T08:00:00.000+00:00',
          HasPendingInterruptions: true,
          PendingInterruptionTypes: ['ManualIntervention'],
          Arguments: { DeploymentId: task.run.id },
        },
      ],
    });
    expect(caller.post(`/api/tasks/${task.id}/cancel`, {}).json).toMatchObject({ State: 'Canceled' });
    expect(caller.get('/api/Spaces-1/tasks?hasPendingInterruptions=true').json).toMatchObject({
      TotalResults: 0,
    });
  });

  it('carry Instructions that end with their park line', () => {
    const { instructions, task } = octopus.park({ changeRequest: 'https://acme.atlassian.net/browse/CHG-7' });
    expect(instructions.split('\n').at(-1)).toBe(
      `Parked: https://acme.atlassian.net/browse/CHG-7 https://octopus.acme.example Spaces-1 ${task.run.id}`,
    );
    expect(octopus.park({ runbook: 'Rotate', instructions: ({ id }) => id }).instructions).toBe(
      'RunbookRuns-1',
    );
  });

  it('are cancelled by a newer success where the server supersedes', () => {
    octopus.behaviour.supersedes = true;
    const robot = octopus.addUser({ username: 'approver' });
    const [older, newer, other] = [octopus.park(), octopus.park(), octopus.park({ tenant: 'Acme' })];
    octopus.answerInterruption(newer, 'Proceed', robot);
    octopus.catchUp();
    expect([older, newer, other].map(({ task }) => task.state)).toEqual(['Canceled', 'Success', 'Queued']);
  });
});
