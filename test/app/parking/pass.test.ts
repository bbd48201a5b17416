import { describe, expect, it } from 'vitest';
import { defaultToken, plannedStartId } from '../../sandbox/defaults.ts';
import type { NewRequest } from '../../sandbox/model.ts';
import {
  answerOf,
  octopusKey,
  ParkedWorld,
  toJira,
  toOctopus,
  total,
} from '../../simulation/parked-world.ts';
import type { SimulatedRun } from '../../simulation/simulate.ts';
import { hourMs, minuteMs, secondMs } from '../gate-run.ts';

const dayMs = 24 * hourMs;

function said(run: SimulatedRun): string {
  return run.said.map(({ line }) => line).join('\n');
}

function bulkReads(run: SimulatedRun) {
  return toJira(run).filter(({ path }) => path.endsWith('/bulkfetch'));
}

function singleReads(run: SimulatedRun) {
  return toJira(run).filter(({ method, path }) => method === 'GET' && path.includes('/rest/api/2/issue/'));
}

function writes(run: SimulatedRun) {
  return toOctopus(run).filter(({ method }) => method !== 'GET');
}

/** Parks a deployment for a change request that was withdrawn in favour of an older one. */
function parkedForWithdrawn(
  world: ParkedWorld,
  other: Partial<NewRequest>,
  fields: NewRequest['fields'] = {},
) {
  const title = 'Octopus: Deploy "Web Site" version 1.0.7 to "Production"';
  const older = world.site.createRequest({ summary: title, lagged: false, ...other });
  const summary = `Withdrawn in favour of ${older.key}: ${title}`;
  const { interruption } = world.park({ summary, status: 'Declined', fields });
  return { older, interruption };
}

/** Removes a field from every answer about one issue. */
function withoutField(key: string, id: string) {
  return (body: string, _number: number, { url }: { readonly url: string }): string =>
    url.includes(`/issue/${key}`) ? body.replace(new RegExp(`"${id}":(?:null|"[^"]*"),?`, 'g'), '') : body;
}

describe('A pass', () => {
  it('[R4] continues an approved deployment, aborts a declined one and leaves a waiting one alone', async () => {
    const world = new ParkedWorld();
    const approved = world.park();
    const declined = world.park({ status: 'Declined' });
    const waiting = world.park({ status: 'Authorize' });
    const run = await world.pass();
    expect(answerOf(approved.interruption)).toBe('Proceed');
    expect(answerOf(declined.interruption)).toBe('Abort');
    expect(answerOf(waiting.interruption)).toBeUndefined();
    expect(waiting.interruption.responsible).toBeUndefined();
    expect(run.exitCode).toBe(0);
    expect(total(run)).toMatchObject({ continued: 1, aborted: 1, 'still waiting': 1 });
    expect(Object.keys(run.outputs)).toEqual([]);
  });

  it('[R4] writes the change request, its status and the time of the check into the notes', async () => {
    const world = new ParkedWorld();
    const { key, interruption } = world.park();
    await world.pass();
    expect(interruption.answer?.by).toBe(world.robot);
    expect(interruption.answer?.notes).toMatch(
      new RegExp(
        `^${key} \\(Implementing\\), checked at 2026-06-13T08:00:\\d\\dZ: .* is approved .*/browse/${key}$`,
      ),
    );
  });

  it('[R4] reads 100 at a time on Cloud, and sends Octopus only the list requests and the answers', async () => {
    const world = new ParkedWorld();
    for (let count = 0; count < 230; count += 1) {
      world.park({ status: count % 23 === 0 ? 'Implementing' : 'Authorize' });
    }
    const run = await world.pass();
    expect(total(run)).toMatchObject({ continued: 10, 'still waiting': 220 });
    expect(toJira(run).length).toBe(4);
    expect(bulkReads(run).length).toBe(3);
    expect(toOctopus(run).length).toBe(3 + 2 * 10);
  });

  it('[R4] reads change requests one by one on Data Center', async () => {
    const world = new ParkedWorld({ flavour: 'dc' });
    const parked = [1, 2, 3, 4].map(() => world.park());
    const run = await world.pass();
    expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual(Array(4).fill('Proceed'));
    expect(bulkReads(run)).toEqual([]);
    expect(singleReads(run).length).toBe(4);
  });

  it.each([400, 403, 404])(
    '[R4] reads change requests one by one if a bulk read is refused with %s',
    async (status) => {
      const world = new ParkedWorld();
      const parked = Array.from({ length: 5 }, () => world.park());
      world.site.faults.add({ fault: { kind: 'status', status, body: '{}' }, path: /bulkfetch/ });
      const run = await world.pass();
      expect(parked.every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
      expect(bulkReads(run).length).toBe(1);
      expect(singleReads(run).length).toBe(5);
    },
  );

  it('[R4] reads a change request once for all deployments that wait for it', async () => {
    const world = new ParkedWorld();
    const { key, interruption } = world.park();
    const second = world.parkFor(`${world.site.baseUrl}/browse/${key}`);
    const run = await world.pass();
    expect([interruption, second].map(answerOf)).toEqual(['Proceed', 'Proceed']);
    expect(toJira(run).length).toBe(1);
  });

  it('[R4][W2] leaves an approved change request before its Planned start alone, and aborts one past its Planned end', async () => {
    const world = new ParkedWorld();
    const early = world.park({ fields: { 'Planned start': world.site.dateIn(hourMs) } });
    const late = world.park({ fields: { 'Planned end': world.site.dateIn(-hourMs) } });
    const inside = world.park({
      fields: { 'Planned start': world.site.dateIn(-hourMs), 'Planned end': world.site.dateIn(hourMs) },
    });
    const run = await world.pass();
    expect([early, late, inside].map(({ interruption }) => answerOf(interruption))).toEqual([
      undefined,
      'Abort',
      'Proceed',
    ]);
    expect(said(run)).toContain('waits for its Planned start');
  });

  it('[R4][W12] reads a change request singly if the bulk answer lacks a planned field', async () => {
    const world = new ParkedWorld();
    const parked = Array.from({ length: 4 }, () =>
      world.park({ fields: { 'Planned end': world.site.dateIn(-hourMs) } }),
    );
    world.site.behaviour.failingFields = ['Planned end'];
    const run = await world.pass();
    expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual(Array(4).fill(undefined));
    expect(total(run)).toMatchObject({ 'could not be read': 4 });
    expect(singleReads(run).some(({ query }) => query.includes('failFast'))).toBe(true);
  });

  it('[R4][L14] reads a change request singly if the bulk answer lacks its issue type', async () => {
    const world = new ParkedWorld();
    const fields = { 'Planned start': world.site.dateIn(-hourMs), 'Planned end': world.site.dateIn(hourMs) };
    const parked = Array.from({ length: 4 }, () => world.park({ fields }));
    const rewrite = (body: string): string =>
      body.startsWith('{"expand"') && body.includes('"issues"')
        ? body.replace(/"issuetype":\{[^}]*\},/g, '')
        : body;
    const policy = [
      'version: 1',
      `connections: [{name: One, baseUrl: '${world.site.baseUrl}', username: octopus@acme.example, tokenVariable: JsmChange.Token}]`,
      'projects: [{name: Web Site, connection: One, serviceProject: CHG}]',
      'environments: [{name: Production}]',
      "issueTypes: ['[System] Change']",
    ].join('\n');
    const run = await world.pass({ 'JsmChange.Policy': policy }, { rewrite });
    expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual(Array(4).fill('Proceed'));
    expect([bulkReads(run).length, singleReads(run).length]).toEqual([1, 4]);
  });

  it('[R4] learns from one single read which planned fields all change requests of its type lack', async () => {
    const world = new ParkedWorld();
    world.site.addField({ id: 'customfield_10990', name: 'Change start date', kind: 'datetime' });
    world.site.hideFields('Change start date');
    const parked = Array.from({ length: 50 }, () => world.park());
    const run = await world.pass();
    expect(parked.every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
    expect(singleReads(run).length).toBeLessThanOrEqual(1);
  });

  it('[R4] warns about a missing change request, and leaves its parked deployment alone', async () => {
    const world = new ParkedWorld();
    const gone = world.park();
    const others = [world.park(), world.park(), world.park()];
    world.site.remove(gone.key);
    const run = await world.pass();
    expect(answerOf(gone.interruption)).toBeUndefined();
    expect(others.every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
    expect(total(run)).toMatchObject({ continued: 3, 'could not be read': 1 });
    expect(run.warnings.join('\n')).toContain(gone.key);
    expect(run.exitCode).toBe(0);
  });

  it('[R4] reads an unreadable change request once, however many deployments wait for it', async () => {
    const world = new ParkedWorld();
    const gone = `${world.site.baseUrl}/browse/CHG-99`;
    const parked = [world.parkFor(gone), world.parkFor(gone)];
    const run = await world.pass();
    expect(parked.map(answerOf)).toEqual([undefined, undefined]);
    expect(singleReads(run).length).toBe(1);
    expect(total(run)).toMatchObject({ 'could not be read': 2 });
  });

  it('[R4][L11][L4] follows a moved change request, and aborts if its new project is not allowed', async () => {
    const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'OPS' }, { key: 'XYZ' }] });
    const allowed = world.park();
    const other = world.park();
    world.park();
    world.site.moveIssueToProject(allowed.key, 'OPS');
    world.site.moveIssueToProject(other.key, 'XYZ');
    const run = await world.pass({ 'JsmChange.AllowedProjects': 'OPS' });
    expect(answerOf(allowed.interruption)).toBe('Proceed');
    expect(answerOf(other.interruption)).toBe('Abort');
    expect(said(run)).toContain('was moved');
  });

  it('[R4][L10] follows a withdrawn change request to the open one', async () => {
    const world = new ParkedWorld();
    const { older, interruption } = parkedForWithdrawn(world, { status: 'Implementing' });
    await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
    expect(interruption.answer?.notes).toContain(older.key);
  });

  it.each([
    ['is closed', { status: 'Declined' }],
    ['has another title', { summary: 'Something else', status: 'Implementing' }],
    ['is in another project', { project: 'XYZ', status: 'Implementing' }],
    [
      'belongs to another Octopus server',
      { status: 'Implementing', description: 'Octopus run: https://other.example Spaces-1 Deployments-1' },
    ],
  ])(
    '[R4][L10] leaves a withdrawn change request alone with a warning if the one that it names %s',
    async (why, given) => {
      const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'XYZ' }] });
      const { interruption } = parkedForWithdrawn(world, given);
      const run = await world.pass();
      expect(answerOf(interruption)).toBeUndefined();
      expect(run.warnings.join('\n')).toContain(why);
      expect(run.exitCode).toBe(0);
    },
  );

  it('[R4][L10] decides on the read that showed the named change request to be open', async () => {
    const world = new ParkedWorld();
    const { older, interruption } = parkedForWithdrawn(world, { status: 'Implementing' });
    const answer = world.site.answer.bind(world.site);
    world.site.answer = (request) => {
      const given = answer(request);
      if (request.path.includes(`/issue/${older.key}`)) world.site.moveTo(older.key, 'Declined');
      return given;
    };
    const run = await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
    expect(singleReads(run).length).toBe(2);
  });

  it.each([
    ['that is named and missing', { 'JsmChange.PlannedEndField': 'No such field' }, {}],
    ['without a reliable time', {}, { dateHeader: 'none', serverTime: 'none' }],
  ] as const)(
    '[R4] [W9] [W12] aborts for a window %s, where a gate would stop',
    async (_what, variables, site) => {
      const world = new ParkedWorld();
      Object.assign(world.site.behaviour, site);
      const planned = { fields: { customfield_10042: '2026-06-14T10:00:00.000+0000' } };
      const parked = [world.park(planned), world.park({ ...planned, status: 'Authorize' })];
      const refused = world.park({ ...planned, status: 'Declined' });
      const run = await world.pass(variables);
      expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual(['Abort', 'Abort']);
      expect(answerOf(refused.interruption)).toBe('Abort');
      expect(said(run)).toMatch(/window/);
      expect(total(run)).toMatchObject({ aborted: 3, 'could not be read': 0 });
    },
  );

  it('[R4] aborts what is still pending after ParkLimitDays by the clock of Octopus', async () => {
    const world = new ParkedWorld();
    const createdMs = world.octopus.now() - 31 * dayMs;
    const old = world.park({ status: 'Authorize' }, { createdMs });
    const early = world.park({ fields: { 'Planned start': world.site.dateIn(hourMs) } }, { createdMs });
    const young = world.park({ status: 'Authorize' }, { createdMs: createdMs + 2 * dayMs });
    await world.pass();
    expect([old, early, young].map(({ interruption }) => answerOf(interruption))).toEqual([
      'Abort',
      'Abort',
      undefined,
    ]);
    expect(old.interruption.answer?.notes).toContain('30 days');
  });

  it.each([
    ['with no limit', { 'JsmChange.ParkLimitDays': '0' }, {}],
    ['if Octopus gives no time', {}, { givesDate: false }],
  ])('[R4] aborts nothing for its age %s', async (_what, variables, behaviour) => {
    const world = new ParkedWorld({}, { behaviour });
    const createdMs = world.octopus.now() - 4000 * dayMs;
    const { interruption } = world.park({ status: 'Authorize' }, { createdMs });
    await world.pass(variables);
    expect(answerOf(interruption)).toBeUndefined();
  });

  it('[R4][W9] aborts nothing on one Date of Octopus that is far ahead, but aborts on two that agree', async () => {
    const createdMs = (world: ParkedWorld): number => world.octopus.now() - 2 * dayMs;
    const once = new ParkedWorld({}, { behaviour: { dateOffsetMs: 40 * dayMs } });
    const answer = once.octopus.answer.bind(once.octopus);
    once.octopus.answer = (request) => {
      const given = answer(request);
      once.octopus.behaviour.dateOffsetMs = 0;
      return given;
    };
    const young = once.park({ status: 'Authorize' }, { createdMs: createdMs(once) });
    const run = await once.pass();
    expect(answerOf(young.interruption)).toBeUndefined();
    expect(total(run)).toMatchObject({ 'still waiting': 1 });
    // If the time cannot be confirmed, the other deployments are still answered.
    const unasked = new ParkedWorld({}, { behaviour: { dateOffsetMs: 40 * dayMs } });
    unasked.octopus.faults.add({ fault: { kind: 'status', status: 403 }, path: /\/api$/ });
    const [approved, waiting] = [unasked.park(), unasked.park({ status: 'Authorize' })];
    expect((await unasked.pass()).exitCode).toBe(0);
    expect([approved, waiting].map(({ interruption }) => answerOf(interruption))).toEqual([
      'Proceed',
      undefined,
    ]);
    // If both answers agree, it is the worker's clock that may be wrong.
    const always = new ParkedWorld({}, { behaviour: { dateOffsetMs: 40 * dayMs } });
    const old = always.park({ status: 'Authorize' }, { createdMs: createdMs(always) });
    await always.pass();
    expect(answerOf(old.interruption)).toBe('Abort');
  });

  it('[R4] reads a change request again before it answers on a check over a minute old', async () => {
    const world = new ParkedWorld();
    const parked = Array.from({ length: 12 }, () => world.park());
    // Each answer takes 20 s; the last change request is declined in the meantime.
    world.octopus.faults.add({ fault: { kind: 'slow', delayMs: 10 * secondMs }, method: 'PUT' });
    world.octopus.faults.add({ fault: { kind: 'slow', delayMs: 10 * secondMs }, method: 'POST' });
    const last = parked[11];
    const at = [[70 * secondMs, () => void world.site.moveTo(last?.key ?? '', 'Declined')] as const];
    const run = await world.pass({}, { at });
    expect(parked.slice(0, 11).every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
    expect(last && answerOf(last.interruption)).toBe('Abort');
    for (const submit of writes(run).filter(({ method }) => method === 'POST')) {
      const check = toJira(run).findLast(({ sentMs }) => sentMs <= submit.sentMs);
      expect(submit.sentMs - (check?.sentMs ?? 0)).toBeLessThanOrEqual(minuteMs);
    }
  });

  it('[R4] checks again if Octopus delays the answer, and leaves a changed one alone', async () => {
    const world = new ParkedWorld();
    const { key, interruption } = world.park();
    world.octopus.faults.add({
      fault: { kind: 'status', status: 429, retryAfterSeconds: 90, body: '{"ErrorMessage":"later"}' },
      method: 'POST',
      at: 1,
    });
    const run = await world.pass(
      {},
      { at: [[30 * secondMs, () => void world.site.moveTo(key, 'Authorize')]] },
    );
    expect(answerOf(interruption)).toBeUndefined();
    expect(total(run)).toMatchObject({ 'still waiting': 1 });
    expect(run.exitCode).toBe(0);
  });

  it('[R4] [W12] does not continue a deployment whose gate would miss a planned field of the withdrawn one', async () => {
    const world = new ParkedWorld();
    const { older, interruption } = parkedForWithdrawn(
      world,
      { status: 'Implementing' },
      { 'Planned start': world.site.dateIn(-hourMs) },
    );
    const run = await world.pass({}, { rewrite: withoutField(older.key, plannedStartId) });
    expect(answerOf(interruption)).toBe('Abort');
    expect(said(run)).toContain(`"Planned start" of the change request ${older.key} is missing`);
  });

  it('[R4] [W12] does not miss that field for a deployment that is parked for the other change request itself', async () => {
    const world = new ParkedWorld();
    const { older, interruption } = parkedForWithdrawn(
      world,
      { status: 'Implementing' },
      { 'Planned start': world.site.dateIn(-hourMs) },
    );
    const itself = world.parkFor(`${world.site.baseUrl}/browse/${older.key}`);
    await world.pass({}, { rewrite: withoutField(older.key, plannedStartId) });
    expect(answerOf(interruption)).toBe('Abort');
    expect(answerOf(itself)).toBe('Proceed');
  });
});

describe('A pass with an approval check', () => {
  const kate = 'Ann Approver';

  it.each(['Approved', 'OtherApprover'])(
    '[R4][A2] %s: continues an approved one, aborts a declined one and leaves an undecided one alone',
    async (check) => {
      const world = new ParkedWorld();
      const decide = (key: string, decision: 'approved' | 'declined' | undefined): void => {
        world.site.setApproval(key, {
          approvers: { [kate]: decision ?? 'pending' },
          finalDecision: decision ?? 'pending',
        });
      };
      const [approved, declined, undecided, none] = [world.park(), world.park(), world.park(), world.park()];
      const waiting = world.park({ status: 'Authorize' });
      decide(approved.key, 'approved');
      decide(declined.key, 'declined');
      decide(undecided.key, undefined);
      const run = await world.pass({ 'JsmChange.ApprovalCheck': check });
      expect(
        [approved, declined, undecided, none, waiting].map(({ interruption }) => answerOf(interruption)),
      ).toEqual(['Proceed', 'Abort', undefined, 'Abort', undefined]);
      const asked = toJira(run).filter(({ path }) => path.endsWith('/approval'));
      expect(asked.length).toBe(4);
      expect(asked.some(({ path }) => path.includes(`/${waiting.key}/`))).toBe(false);
      expect(run.exitCode).toBe(0);
    },
  );

  it('[R4][A2] leaves the parked run alone if its approvals cannot be read', async () => {
    const world = new ParkedWorld();
    world.site.behaviour.permissions.seeApprovals = false;
    const parked = Array.from({ length: 5 }, () => world.park());
    const run = await world.pass({ 'JsmChange.ApprovalCheck': 'Approved' });
    expect(parked.every(({ interruption }) => answerOf(interruption) === undefined)).toBe(true);
    expect(total(run)).toMatchObject({ 'could not be read': 5 });
    expect(run.exitCode).toBe(0);
  });
});

describe('What a pass answers', () => {
  it.each([
    ['a guided failure', { type: 'GuidedFailure' as const }],
    ['an interruption of a later Octopus', { type: 'KubernetesResourceVerification' as const }],
    ['one that is linked to another', { isLinkedToOther: true }],
  ])('[R3] leaves alone %s', async (_what, options) => {
    const world = new ParkedWorld();
    const { interruption } = world.park({}, options);
    const run = await world.pass();
    expect(answerOf(interruption)).toBeUndefined();
    expect(run.requests.length).toBe(1);
  });

  it('[R3] leaves alone an interruption unless it clearly has no link to another', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park({}, { isLinkedToOther: true });
    const rewrite = (body: string): string => body.replace('Interruption":true', 'Interruption":"true"');
    await world.pass({}, { rewrite });
    expect(answerOf(interruption)).toBeUndefined();
  });

  it('[R3] answers only pending interruptions, even if the list contains others', async () => {
    const world = new ParkedWorld();
    world.park();
    const rewrite = (body: string): string => body.replaceAll('"IsPending":true', '"IsPending":false');
    const run = await world.pass({}, { rewrite });
    expect(writes(run)).toEqual([]);
    expect(total(run)).toMatchObject({ continued: 0, 'answered by others': 0 });
  });

  it('[R3][F3] ends a list that ignores the requested page, and answers everything in it', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    const answer = world.octopus.answer.bind(world.octopus);
    world.octopus.answer = (request) =>
      answer({ ...request, path: request.path.replace(/skip=\d+/, 'skip=0') });
    const rewrite = (body: string): string => body.replace('"TotalResults":1', '"TotalResults":5000');
    const run = await world.pass({}, { rewrite });
    expect(answerOf(interruption)).toBe('Proceed');
    expect(toOctopus(run).length).toBe(2 + 2);
  });

  it('[R5] ignores an answer about another interruption', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    const rewrite = (body: string): string => body.replace(/^\{"Id":"Interruptions-\d+/, '$&9');
    const run = await world.pass({}, { rewrite });
    expect(answerOf(interruption)).toBe('Proceed');
    expect(total(run)).toMatchObject({ continued: 0, 'not answerable': 1 });
    expect(run.exitCode).toBe(1);
  });

  it('[R3] leaves alone two deployments that the list shows under one id', async () => {
    const world = new ParkedWorld();
    const waiting = world.park({ status: 'Authorize' });
    const approved = world.park();
    const rewrite = (body: string): string =>
      body.replaceAll(`"Id":"${approved.interruption.id}"`, `"Id":"${waiting.interruption.id}"`);
    await world.pass({}, { rewrite });
    expect(answerOf(waiting.interruption)).toBeUndefined();
  });

  it('[R3] recognizes a guided failure of an old server by its title', async () => {
    const world = new ParkedWorld({}, { behaviour: { givesTypes: false } });
    const guided = world.park({}, { type: 'GuidedFailure', title: 'Deploy web requires failure guidance' });
    const manual = world.park();
    const untitled = (body: string): string => body.replace(/"Title":"[^"]*guidance"/, '"Title":null');
    await world.pass({}, { rewrite: untitled });
    expect(guided.interruption.responsible).toBeUndefined();
    await world.pass();
    expect(answerOf(guided.interruption)).toBeUndefined();
    expect(answerOf(manual.interruption)).toBe('Proceed');
  });

  const browse = 'https://acme.atlassian.net/browse/CHG-1';
  const server = 'https://octopus.acme.example';
  it.each([
    ['without a park line', () => 'Please approve.'],
    ['with words after the park line', (id: string) => `Parked: ${browse} ${server} Spaces-1 ${id}\nThanks.`],
    ['of another server', (id: string) => `Parked: ${browse} https://other.example Spaces-1 ${id}`],
    ['of another space', (id: string) => `Parked: ${browse} ${server} Spaces-2 ${id}`],
    ['of another run', () => `Parked: ${browse} ${server} Spaces-1 Deployments-999`],
    ['of its project instead of its run', () => `Parked: ${browse} ${server} Spaces-1 Projects-1`],
    ['with a query in the link', (id: string) => `Parked: ${browse}?x=1 ${server} Spaces-1 ${id}`],
    ['of another site', (id: string) => `Parked: ${browse.replace('acme', 'evil')} ${server} Spaces-1 ${id}`],
    [
      'of another project',
      (id: string) => `Parked: ${browse.replace('CHG', 'OPS')} ${server} Spaces-1 ${id}`,
    ],
  ])('[R3] leaves alone instructions %s', async (_what, instructions) => {
    const world = new ParkedWorld();
    const { interruption } = world.park({}, { instructions: (run) => instructions(run.id) });
    const run = await world.pass();
    expect(answerOf(interruption)).toBeUndefined();
    expect(interruption.responsible).toBeUndefined();
    expect(run.requests.length).toBe(1);
    expect(run.exitCode).toBe(0);
  });

  it.each([
    ['spaces and line breaks after it', (line: string) => `${line}  \r\n\n `],
    ['a slash after the server', (line: string) => line.replace(`${server} `, `${server}/ `)],
    ['the server in capitals', (line: string) => line.replace(server, server.replace('octopus', 'OCTOPUS'))],
  ])('[R3] answers a park line with %s', async (_what, change) => {
    const world = new ParkedWorld();
    const { interruption } = world.park(
      {},
      { instructions: (run) => change(`Wait.\n\nParked: ${browse} ${server} Spaces-1 ${run.id}`) },
    );
    await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
  });

  it('[R3] answers a parked runbook run', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park({}, { runbook: 'Rotate certificates' });
    await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
  });

  it('[R3] warns about an interruption that another user holds, and about one that its account cannot take', async () => {
    const world = new ParkedWorld();
    const ann = world.octopus.addUser({ username: 'ann', teams: ['Change gate'] });
    const held = world.park();
    held.interruption.responsible = ann;
    const foreign = world.park({}, { responsibleTeams: ['Release managers'] });
    const run = await world.pass();
    expect([held, foreign].map(({ interruption }) => answerOf(interruption))).toEqual([undefined, undefined]);
    expect(total(run)).toMatchObject({ 'not answerable': 2 });
    expect(run.warnings.join('\n')).toMatch(/another user has taken responsibility/);
    expect(run.warnings.join('\n')).toMatch(/member of its responsible team/);
    expect(writes(run)).toEqual([]);
    expect(run.exitCode).toBe(0);
  });

  it('[R3][F6] continues after a pass that was killed once it had taken responsibility', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    interruption.responsible = world.robot;
    const run = await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
    expect(writes(run).length).toBe(1);
  });

  it('[R3] answers an interruption that its account already holds even if the account cannot take it', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    interruption.responsible = world.robot;
    const rewrite = (body: string): string =>
      body.replace('"CanTakeResponsibility":true', '"CanTakeResponsibility":false');
    await world.pass({}, { rewrite });
    expect(answerOf(interruption)).toBe('Proceed');
  });

  it('[R3] lists page by page, and answers each interruption once', async () => {
    const world = new ParkedWorld({}, { behaviour: { longestPage: 3 } });
    const parked = Array.from({ length: 10 }, () => world.park());
    const run = await world.pass();
    expect(parked.every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
    expect(writes(run).length).toBe(20);
    expect(toOctopus(run).filter(({ query }) => query.includes('skip')).length).toBe(4);
  });

  it('[R3][X5] answers the parked deployments even if other instructions exceed 5 MB', async () => {
    const world = new ParkedWorld();
    const old = Array.from({ length: 3 }, () => world.park().interruption);
    world.park({}, { instructions: () => 'x'.repeat(6_000_000) });
    const young = Array.from({ length: 3 }, () => world.park().interruption);
    const run = await world.pass();
    expect([...old, ...young].map(answerOf)).toEqual(Array(6).fill('Proceed'));
    expect(run.exitCode).toBe(0);
  });

  it('[R3] ignores S1 to S3 and all related settings', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    await world.pass({
      'JsmChange.ProjectChangeControlled': 'False',
      'JsmChange.EnvironmentChangeControlled': 'nonsense',
      'Octopus.Project.Name': '',
    });
    expect(answerOf(interruption)).toBe('Proceed');
  });
});

describe('A pass that runs next to another one or to a person', () => {
  it('[R5] answers each deployment once if two passes run at once, and neither fails', async () => {
    const world = new ParkedWorld();
    const parked = Array.from({ length: 8 }, (_, index) =>
      world.park({ status: index % 2 === 0 ? 'Implementing' : 'Declined' }),
    );
    const runs = await world.passes([{ seed: 1 }, { seed: 2 }]);
    parked.forEach(({ interruption }, index) => {
      expect(answerOf(interruption)).toBe(index % 2 === 0 ? 'Proceed' : 'Abort');
    });
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(runs.flatMap(({ warnings }) => warnings)).toEqual([]);
    const others = runs.reduce((sum, run) => sum + (total(run)['answered by others'] ?? 0), 0);
    expect(others).toBeGreaterThan(0);
  });

  it.each([200, 400, 403, 409] as const)(
    '[R5] handles a person who takes responsibility first, if Octopus answers %s',
    async (takeoverStatus) => {
      const world = new ParkedWorld({}, { behaviour: { takeoverStatus } });
      const ann = world.octopus.addUser({ username: 'ann', teams: ['Change gate'] });
      const { interruption } = world.park({ status: 'Declined' });
      const take = (): void => {
        interruption.responsible = ann;
      };
      const run = await world.pass({}, { latency: 100, at: [[250, take]] });
      expect(answerOf(interruption)).toBe(takeoverStatus === 200 ? 'Abort' : undefined);
      expect(run.exitCode).toBe(0);
      if (takeoverStatus !== 200) expect(total(run)).toMatchObject({ 'not answerable': 1 });
    },
  );

  it('[R5] accepts the answer of a person who was faster, without a warning', async () => {
    const world = new ParkedWorld();
    const ann = world.octopus.addUser({ username: 'ann', teams: ['Change gate'] });
    const { interruption } = world.park();
    const answer = (): void => world.octopus.answerInterruption(interruption, 'Abort', ann);
    const run = await world.pass({}, { latency: 100, at: [[250, answer]] });
    expect(answerOf(interruption)).toBe('Abort');
    expect(total(run)).toMatchObject({ 'answered by others': 1 });
    expect(run.warnings).toEqual([]);
    expect(run.exitCode).toBe(0);
  });

  it.each(['reset', 'hang', 'truncated-json'] as const)(
    '[R5] reads the interruption again after a lost answer (%s) and counts the answer as its own',
    async (kind) => {
      const world = new ParkedWorld();
      const { interruption } = world.park();
      world.octopus.faults.add({ fault: { kind, afterWork: true }, method: 'POST', at: 1 });
      const run = await world.pass();
      expect(answerOf(interruption)).toBe('Proceed');
      expect(total(run)).toMatchObject({ continued: 1 });
      expect(writes(run).filter(({ method }) => method === 'POST').length).toBe(1);
      expect(run.exitCode).toBe(0);
    },
  );

  it('[R5] does not count a lost answer as its own if another user gave the same one', async () => {
    const world = new ParkedWorld();
    const ann = world.octopus.addUser({ username: 'ann', teams: ['Change gate'] });
    const { interruption } = world.park();
    world.octopus.faults.add({ fault: { kind: 'reset' }, method: 'POST' });
    const answer = world.octopus.answer.bind(world.octopus);
    world.octopus.answer = (request) => {
      if (request.method === 'POST') {
        interruption.responsible = ann;
        world.octopus.answerInterruption(interruption, 'Proceed', ann);
      }
      return answer(request);
    };
    const run = await world.pass();
    expect(total(run)).toMatchObject({ continued: 0, 'answered by others': 1 });
  });

  it.each(['PUT', 'POST'])('[R5] retries a 429 to %s, but not before Retry-After', async (method) => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    world.octopus.faults.add({
      fault: { kind: 'status', status: 429, retryAfterSeconds: 20, body: '{"ErrorMessage":"later"}' },
      method,
      at: 1,
    });
    const run = await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
    const [first, second] = writes(run).filter((request) => request.method === method);
    expect((second?.sentMs ?? 0) - (first?.settledMs ?? 0)).toBeGreaterThanOrEqual(20 * secondMs);
  });

  it('[R6] ends if Octopus delays an answer for longer than 2 minutes', async () => {
    const world = new ParkedWorld();
    const parked = [world.park(), world.park()];
    world.octopus.faults.add({
      fault: { kind: 'status', status: 429, retryAfterSeconds: 50 },
      method: 'PUT',
    });
    const run = await world.pass({}, { untilMs: hourMs });
    expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual([undefined, undefined]);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThan(2 * minuteMs + 10 * secondMs);
    expect(total(run)).toMatchObject({ 'not answerable': 2 });
    expect(run.exitCode).toBe(1);
  });

  it('[R5] after another fault reads the interruption once and leaves it to the next pass', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    world.octopus.faults.add({ fault: { kind: 'status', status: 500, body: '{}' }, method: 'POST' });
    const run = await world.pass();
    expect(answerOf(interruption)).toBeUndefined();
    expect(writes(run).filter(({ method }) => method === 'POST').length).toBe(1);
    expect(run.warnings.join('\n')).toContain('could not be answered');
    expect(run.exitCode).toBe(0);
    world.octopus.faults.clear();
    await world.pass();
    expect(answerOf(interruption)).toBe('Proceed');
  });

  it.each(['PUT', 'POST'])(
    '[R5] answers the others after a 401 to one %s, which Octopus also sends for a missing permission',
    async (method) => {
      const world = new ParkedWorld();
      const [first, ...others] = Array.from({ length: 3 }, () => world.park().interruption);
      world.octopus.faults.add({
        fault: { kind: 'status', status: 401, body: '{"ErrorMessage":"You do not have permission"}' },
        method,
        path: new RegExp(`/${first?.id}/`),
      });
      const run = await world.pass();
      expect(others.map(answerOf)).toEqual(['Proceed', 'Proceed']);
      expect(first && answerOf(first)).toBeUndefined();
      expect(total(run)).toMatchObject({ continued: 2, 'not answerable': 1 });
      expect(run.warnings.join('\n')).toContain('You do not have permission');
      expect(run.exitCode).toBe(0);
    },
  );

  it('[R5] ends if the key is revoked during the pass', async () => {
    const world = new ParkedWorld();
    Array.from({ length: 3 }, () => world.park());
    const fault = {
      kind: 'status',
      status: 401,
      body: '{"ErrorMessage":"The API key is not valid"}',
    } as const;
    world.octopus.faults.add({ fault, path: /\/interruptions\// });
    const run = await world.pass();
    expect(writes(run).length).toBe(1);
    expect(run.resultMessage).toContain('The API key is not valid');
    expect(run.exitCode).toBe(1);
  });

  it('[R5] slows down at the rate limit of Octopus and loses nothing', async () => {
    const rateLimit = { perMinute: 200, burst: 200, givesRetryAfter: true };
    const world = new ParkedWorld({}, { behaviour: { rateLimit } });
    const parked = Array.from({ length: 240 }, () => world.park());
    const run = await world.pass();
    expect(parked.every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
    expect(run.exitCode).toBe(0);
  });
});

describe('The end of a pass', () => {
  it('[R6] says so if nothing is parked, and sends Jira nothing', async () => {
    const run = await new ParkedWorld().pass();
    expect(run.exitCode).toBe(0);
    expect(run.requests.length).toBe(1);
    expect(run.summary.join('\n')).toContain('Resume: 0 continued');
  });

  it('[R6] links each parked run to its task, also if the address of the server ends with a slash', async () => {
    const world = new ParkedWorld();
    world.park();
    const run = await world.pass({ 'Octopus.Web.ServerUri': 'https://octopus.acme.example/' });
    expect(said(run)).toContain('(https://octopus.acme.example/app#/Spaces-1/tasks/');
  });

  it('[R6] fails after 2 minutes if Octopus is unreachable', async () => {
    const world = new ParkedWorld();
    world.park();
    world.octopus.faults.add({ fault: { kind: 'reset' } });
    const run = await world.pass();
    expect(run.exitCode).toBe(1);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThanOrEqual(130 * secondMs);
    expect(run.endedAtMs - run.startedAtMs).toBeGreaterThan(100 * secondMs);
    expect(run.resultMessage).toContain('JsmChange.OctopusUrl');
    expect(toJira(run)).toEqual([]);
  });

  it('[R6] ends if Octopus does not confirm any answer for 2 minutes', async () => {
    const world = new ParkedWorld();
    for (let count = 0; count < 12; count += 1) world.park();
    world.octopus.faults.add({ fault: { kind: 'hang' }, method: 'PUT', path: /\/responsible$/ });
    const run = await world.pass();
    expect(run.exitCode).toBe(1);
    expect(run.endedAtMs - run.startedAtMs).toBeLessThan(4 * minuteMs);
    expect(total(run)).toMatchObject({ 'not answerable': 12 });
  });

  it.each([
    ['approvals', 'cloud', /\/approval/, { 'JsmChange.ApprovalCheck': 'Approved' }],
    ['change requests', 'dc', /\/issue\/CHG-/, {}],
  ] as const)(
    '[R6] [F2] tries for 2 minutes in all if the %s of a site do not load, and each at least once',
    async (_what, flavour, path, variables) => {
      const world = new ParkedWorld({ flavour });
      const parked = Array.from({ length: 12 }, () => world.park());
      world.site.faults.add({ fault: { kind: 'status', status: 503, body: '{}' }, path });
      const run = await world.pass(variables);
      expect(run.endedAtMs - run.startedAtMs).toBeLessThan(4 * minuteMs);
      const asked = toJira(run).filter(({ path: one }) => path.test(one));
      for (const { key } of parked) expect(asked.some(({ path: one }) => one.includes(key))).toBe(true);
      expect(total(run)).toMatchObject({ 'could not be read': 12 });
    },
  );

  it('[R6] reports what it has done if an outage of Octopus ends it', async () => {
    const world = new ParkedWorld();
    const parked = Array.from({ length: 6 }, () => world.park());
    world.octopus.faults.add({ fault: { kind: 'reset' }, at: 6, count: 10_000 });
    const run = await world.pass();
    expect(parked.filter(({ interruption }) => answerOf(interruption) === 'Proceed').length).toBe(2);
    expect(run.exitCode).toBe(1);
    expect(total(run)).toMatchObject({ continued: 2, 'not answerable': 4 });
    for (const { key } of parked) expect(said(run).match(new RegExp(`\\[${key}\\]`, 'g'))?.length).toBe(1);
  });

  it('[R6] fails after 2 minutes if a site is unreachable, and answers nothing', async () => {
    const world = new ParkedWorld();
    const parked = Array.from({ length: 30 }, () => world.park());
    world.site.faults.add({ fault: { kind: 'status', status: 503, body: '' } });
    const run = await world.pass();
    expect(parked.some(({ interruption }) => interruption.answer !== undefined)).toBe(false);
    expect(run.exitCode).toBe(1);
    expect(total(run)).toMatchObject({ 'could not be read': 30 });
    expect(run.endedAtMs - run.startedAtMs).toBeLessThan(3 * minuteMs);
  });

  const notForYou = {
    kind: 'status',
    status: 403,
    body: '{"errorMessages":["Not for you."],"errors":{}}',
  } as const;
  const notFound = { kind: 'status', status: 404, body: '<html></html>' } as const;
  const gone = { kind: 'status', status: 410, body: '{}' } as const;

  it.each([
    ['is over 5 MB', { kind: 'oversized' }],
    ['is refused to an accepted login', notForYou],
    ["is answered with a 404 that is not Jira's own", notFound],
    ['is answered with an unexpected status', gone],
  ] as const)('[R6] only warns if the only parked change request %s', async (_what, fault) => {
    const world = new ParkedWorld();
    const { key, interruption } = world.park();
    world.site.faults.add({ fault, path: new RegExp(`/issue/${key}`) });
    const run = await world.pass();
    expect(run).toMatchObject({ exitCode: 0, warnings: [expect.stringContaining(key)] });
    expect(total(run)).toMatchObject({ 'could not be read': 1 });
    expect(answerOf(interruption)).toBeUndefined();
  });

  it('[R6][W12] only warns if the names of the fields of the only parked change request are unknown', async () => {
    const world = new ParkedWorld();
    world.park({ fields: { 'Planned end': world.site.dateIn(hourMs) } });
    world.site.faults.add({ fault: notFound, path: /\/field$/ });
    const rewrite = (body: string): string => body.replace(/"names":\{[^}]*\}/, '"names":{}');
    const run = await world.pass({}, { rewrite });
    expect(total(run)).toMatchObject({ 'could not be read': 1 });
    expect(said(run)).toContain('window is unknown');
    expect(run.exitCode).toBe(0);
  });

  it.each([
    ['over 5 MB', { kind: 'oversized' }],
    ['a refusal', notForYou],
    ["a 404 that is not Jira's own", notFound],
    ['an unexpected status', gone],
    ['a redirect', { kind: 'status', status: 302, headers: { location: 'https://sso.acme.example/login' } }],
  ] as const)('[R6] fails if every answer of a site is %s', async (_what, fault) => {
    for (const flavour of ['cloud', 'dc'] as const) {
      const world = new ParkedWorld({ flavour });
      const parked = Array.from({ length: 5 }, () => world.park());
      world.site.faults.add({ fault });
      const run = await world.pass();
      expect(run.exitCode).toBe(1);
      expect(run.resultMessage).toContain('acme.atlassian.net');
      expect(total(run)).toMatchObject({ 'could not be read': parked.length });
    }
  });

  it('[R6][F3] asks whether the site accepts the login once, however many change requests it refuses', async () => {
    const world = new ParkedWorld();
    Array.from({ length: 20 }, () => world.park());
    world.site.faults.add({ fault: notForYou, path: /\/issue\// });
    const run = await world.pass();
    expect(total(run)).toMatchObject({ 'could not be read': 20 });
    expect(toJira(run).filter(({ path }) => path.endsWith('/myself')).length).toBeLessThanOrEqual(2);
    expect(run.exitCode).toBe(0);
  });

  it('[R6][F3] does not try the login again after a refusal and a 401', async () => {
    const world = new ParkedWorld();
    const [first, second] = [world.park(), world.park()];
    const unauthorized = { kind: 'status', status: 401, body: '{"errorMessages":["no"]}' } as const;
    world.site.faults.add({ fault: notForYou, path: new RegExp(`/issue/${first.key}`) });
    world.site.faults.add({ fault: unauthorized, path: new RegExp(`/issue/${second.key}`) });
    const run = await world.pass();
    expect(run.exitCode).toBe(1);
    expect(toJira(run).at(-1)?.path).toContain(second.key);
  });

  it.each<[string, Readonly<Record<string, string>>, (world: ParkedWorld) => void]>([
    [
      'an outage of Jira',
      {},
      ({ site }) => site.faults.add({ fault: { kind: 'status', status: 503, body: '' } }),
    ],
    [
      'an outage of Octopus',
      {},
      ({ octopus }) => octopus.faults.add({ fault: { kind: 'status', status: 503, body: '' } }),
    ],
    ['a CAPTCHA', {}, ({ site }) => Object.assign(site.behaviour, { captcha: true })],
    ['invalid input', { 'JsmChange.ParkLimitDays': 'never' }, () => undefined],
    ['an invalid policy', { 'JsmChange.Policy': 'version: 2' }, () => undefined],
  ])('[R6][M2] says what to do about %s, which is not to deploy again', async (_what, variables, breakIt) => {
    const world = new ParkedWorld();
    world.park();
    breakIt(world);
    const run = await world.pass(variables);
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toMatch(/(?:try again|run this again)/);
    expect(`${said(run)} ${run.resultMessage}`).not.toMatch(/deploy again/i);
  });

  it('[R6][F3] tries a login that the site refuses once', async () => {
    const world = new ParkedWorld({ flavour: 'dc' });
    Array.from({ length: 5 }, () => world.park());
    const run = await world.pass({ 'JsmChange.Token': 'wrong-password' });
    expect(run.exitCode).toBe(1);
    expect(toJira(run).length).toBe(1);
    expect(run.resultMessage).toContain('login at the JSM site failed');
  });

  it('[R6] answers the others if one change request fails permanently', async () => {
    const world = new ParkedWorld({ flavour: 'dc' });
    const parked = Array.from({ length: 4 }, () => world.park());
    world.site.faults.add({
      fault: { kind: 'status', status: 500, body: '' },
      path: new RegExp(`/issue/${parked[0]?.key}`),
    });
    const run = await world.pass();
    expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual([
      undefined,
      'Proceed',
      'Proceed',
      'Proceed',
    ]);
    expect(run.exitCode).toBe(0);
    expect(total(run)).toMatchObject({ continued: 3, 'could not be read': 1 });
  });

  it.each(['cloud', 'dc'] as const)(
    '[R6] answers the others if several runs wait for one that fails permanently (%s)',
    async (flavour) => {
      const world = new ParkedWorld({ flavour });
      const bad = world.park();
      const link = `${world.site.baseUrl}/browse/${bad.key}`;
      const same = Array.from({ length: 3 }, (_, index) => world.parkFor(link, { release: `9.${index}` }));
      const others = Array.from({ length: 4 }, () => world.park());
      world.site.faults.add({
        fault: { kind: 'status', status: 500, body: '' },
        path: new RegExp(`/bulkfetch|/issue/${bad.key}`),
      });
      const run = await world.pass();
      expect(others.map(({ interruption }) => answerOf(interruption))).toEqual(Array(4).fill('Proceed'));
      expect(same.map(answerOf)).toEqual([undefined, undefined, undefined]);
      expect(total(run)).toMatchObject({ continued: 4, 'could not be read': 4 });
      expect(run.exitCode).toBe(0);
    },
  );

  it('[R6] answers the others if the oldest change requests fail permanently', async () => {
    const world = new ParkedWorld({ flavour: 'dc' });
    const bad = Array.from({ length: 7 }, () => world.park());
    const good = Array.from({ length: 4 }, () => world.park());
    for (const { key } of bad) {
      const fault = { kind: 'status', status: 500, body: '' } as const;
      world.site.faults.add({ fault, path: new RegExp(`/issue/${key}(?!\\d)`) });
    }
    const run = await world.pass();
    expect(good.map(({ interruption }) => answerOf(interruption))).toEqual(Array(4).fill('Proceed'));
    expect(run.exitCode).toBe(0);
  });

  it('[R6][F3] gives up on a site after a second 401 in a row, but not after one', async () => {
    const world = new ParkedWorld({ flavour: 'dc' });
    const parked = Array.from({ length: 6 }, () => world.park());
    const fault = { kind: 'status', status: 401, body: '{"errorMessages":["no"]}' } as const;
    for (const index of [1, 3, 4]) {
      world.site.faults.add({ fault, path: new RegExp(`/issue/${parked[index]?.key}`) });
    }
    const run = await world.pass();
    expect(parked.map(({ interruption }) => answerOf(interruption) === 'Proceed')).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(total(run)).toMatchObject({ continued: 2, 'could not be read': 4 });
  });

  it('[F6] [M2] says why it failed if it got a signal while its last output was written', async () => {
    const world = new ParkedWorld();
    world.park();
    const run = await world.pass({}, { terminateAtEnd: true });
    expect(run).toMatchObject({ exitCode: 1, resultMessage: expect.stringContaining('cancelled') });
  });

  it('[F6] ends with a message on a signal, and the next pass continues', async () => {
    const world = new ParkedWorld();
    const parked = Array.from({ length: 5 }, () => world.park());
    const run = await world.pass({}, { latency: 100, terminateMs: 1300 });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('cancelled');
    const done = parked.filter(({ interruption }) => interruption.answer !== undefined).length;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(5);
    await world.pass();
    expect(parked.every(({ interruption }) => answerOf(interruption) === 'Proceed')).toBe(true);
  });
});

const policy = `
version: 1
allowedProjects: [OPS]
connections:
  - {name: One, baseUrl: 'https://acme.atlassian.net', username: octopus@acme.example, tokenVariable: JsmChange.Token}
  - {name: Two, baseUrl: 'https://two.atlassian.net', username: octopus@acme.example}
projects:
  - {name: Web, connection: One, serviceProject: CHG}
  - {name: Shop, connection: Two, serviceProject: CHG}
environments:
  - {name: Production}
`;

describe('A pass under a policy', () => {
  const variables = (world: ParkedWorld, text = policy): Record<string, string> => ({
    'JsmChange.Policy': text,
    'JsmChange.BaseUrl': '',
    'JsmChange.ServiceProject': '',
    'JsmChange.Username': '',
    'JsmChange.Token[Two]': world.variables()['JsmChange.Token'] ?? '',
  });

  it('[R3] serves all connections of the policy', async () => {
    const world = new ParkedWorld();
    const two = world.addSite('https://two.atlassian.net');
    const parked = [world.park(), world.park({}, {}, two), world.park({ status: 'Declined' }, {}, two)];
    const run = await world.pass(variables(world));
    expect(parked.map(({ interruption }) => answerOf(interruption))).toEqual(['Proceed', 'Proceed', 'Abort']);
    expect(run.exitCode).toBe(0);
  });

  it.each([
    ['is unreachable', { kind: 'status', status: 503, body: '' } as const],
    ['refuses the login', { kind: 'status', status: 401, body: '{"errorMessages":["no"]}' } as const],
  ])('[R6] fails if one connection %s, but still serves the other', async (_what, fault) => {
    const world = new ParkedWorld();
    const two = world.addSite('https://two.atlassian.net');
    const here = world.park();
    const there = world.park({}, {}, two);
    world.site.faults.add({ fault });
    const run = await world.pass(variables(world));
    expect(answerOf(here.interruption)).toBeUndefined();
    expect(answerOf(there.interruption)).toBe('Proceed');
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('acme.atlassian.net');
    expect(total(run)).toMatchObject({ continued: 1, 'could not be read': 1 });
  });

  it('[R6] fails if the token of a connection is empty, and sends that connection nothing', async () => {
    const world = new ParkedWorld();
    const two = world.addSite('https://two.atlassian.net', { record: true });
    const here = world.park();
    const there = world.park({}, {}, two);
    const run = await world.pass({ ...variables(world), 'JsmChange.Token[Two]': '' });
    expect(answerOf(here.interruption)).toBe('Proceed');
    expect(answerOf(there.interruption)).toBeUndefined();
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('JsmChange.Token[Two] is empty');
    expect(two.requests).toEqual([]);
  });

  it.each([
    ['names the project in an entry', 'OPS', 'refused-token'],
    ['has a token', 'CHG', ''],
  ])('[R3] uses the connection that %s if two lead to one site', async (_what, second, token) => {
    const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const { interruption } = world.park({ project: second });
    const oneSite = policy
      .replace('tokenVariable: JsmChange.Token}', "tokenVariable: 'JsmChange.Token[One]'}")
      .replace('two.atlassian.net', 'acme.atlassian.net')
      .replace('connection: Two, serviceProject: CHG', `connection: Two, serviceProject: ${second}`);
    await world.pass({ ...variables(world, oneSite), 'JsmChange.Token[One]': token });
    expect(answerOf(interruption)).toBe('Proceed');
  });

  it('[R3][S3] answers nothing and warns if the policy is switched off', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    const run = await world.pass(variables(world, `${policy}enabled: false\n`));
    expect(answerOf(interruption)).toBeUndefined();
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join('\n')).toContain('switched off');
    expect(run.requests).toEqual([]);
  });

  it.each([
    ['requirePlannedEnd: true', 'Implementing', 'Abort'],
    ['issueTypes: [Incident]', 'Implementing', 'Abort'],
    ['approvalCheck: approved', 'Implementing', 'Abort'],
    ['plannedStart: Go live', 'Implementing', 'Abort'],
    ['plannedEnd: Go live', 'Implementing', 'Abort'],
    ['states: {proceed: [Review]}', 'Review', 'Proceed'],
    ['states: {wait: [Declined]}', 'Declined', undefined],
    ['unlisted: stop', 'Implementing', 'Proceed'],
  ])('[R4] decides as a gate does under %s', async (line, status, answer) => {
    const world = new ParkedWorld();
    const { interruption } = world.park({ status });
    await world.pass(variables(world, `${policy}${line}\n`));
    expect(answerOf(interruption)).toBe(answer);
  });

  it.each(['allowedProjects', 'serviceProject'])('[R3] accepts %s in any case', async (key) => {
    const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const { interruption } = world.park({ project: key === 'allowedProjects' ? 'OPS' : 'CHG' });
    const small = policy.replaceAll('CHG', 'chg').replace('OPS', 'ops');
    await world.pass(variables(world, small));
    expect(answerOf(interruption)).toBe('Proceed');
  });

  it("[R3] accepts the service projects of a connection's entries, and allowedProjects", async () => {
    const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'OPS' }, { key: 'XYZ' }] });
    const ops = world.park({ project: 'OPS' });
    const xyz = world.park({ project: 'XYZ' });
    await world.pass(variables(world));
    expect(answerOf(ops.interruption)).toBe('Proceed');
    expect(answerOf(xyz.interruption)).toBeUndefined();
  });

  const oneEntry = policy.replace(/ +- \{name: Shop.*\n/, '');
  const withRetired = (connection: string, serviceProject?: string): string => {
    const project = serviceProject === undefined ? '' : `, serviceProject: ${serviceProject}`;
    const entry = `{name: Shop, changeControlled: false, connection: ${connection}${project}}`;
    return policy.replace(/\{name: Shop.*\}/, entry);
  };

  it.each([
    ['another connection', 'Two', 'CHG'],
    ['the same connection', 'One', 'XYZ'],
  ])(
    '[R3] [S1] answers what is parked for an entry that is no longer change controlled, on %s',
    async (_what, connection, project) => {
      const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'XYZ' }] });
      const two = world.addSite('https://two.atlassian.net');
      const { interruption } = world.park({ project }, {}, connection === 'Two' ? two : world.site);
      const run = await world.pass(variables(world, withRetired(connection, project)));
      expect(answerOf(interruption)).toBe('Proceed');
      expect(run.exitCode).toBe(0);
    },
  );

  it('[R3] [S1] ignores an entry that is not change controlled and names no service project', async () => {
    const world = new ParkedWorld({ projects: [{ key: 'CHG' }, { key: 'XYZ' }] });
    const { interruption } = world.park({ project: 'XYZ' });
    await world.pass(variables(world, withRetired('One')));
    expect(answerOf(interruption)).toBeUndefined();
  });

  it('[R3] answers for a project of allowedProjects on a connection that no entry uses', async () => {
    const world = new ParkedWorld();
    const two = world.addSite('https://two.atlassian.net', { projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    const ops = world.park({ project: 'OPS' }, {}, two);
    const chg = world.park({ project: 'CHG' }, {}, two);
    await world.pass(variables(world, oneEntry));
    expect(answerOf(ops.interruption)).toBe('Proceed');
    expect(answerOf(chg.interruption)).toBeUndefined();
  });

  it.each([
    ['passes although', false, 0],
    ['fails if a parked run needs it and', true, 1],
  ])('[R6] [S1] %s a connection that no gate uses has no token', async (_what, isParked, exitCode) => {
    const world = new ParkedWorld();
    const two = world.addSite('https://two.atlassian.net', { record: true });
    const here = world.park();
    if (isParked) world.park({}, {}, two);
    const run = await world.pass({
      ...variables(world, withRetired('Two', 'CHG')),
      'JsmChange.Token[Two]': '',
    });
    expect(answerOf(here.interruption)).toBe('Proceed');
    expect(run.exitCode).toBe(exitCode);
    expect(said(run).includes('JsmChange.Token[Two] is empty')).toBe(isParked);
    expect(two.requests).toEqual([]);
  });

  it('[R3] prefers the connection that gates use if two that name the project lead to one site', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    const oneSite = withRetired('One', 'CHG')
      .replace('tokenVariable: JsmChange.Token}', "tokenVariable: 'JsmChange.Token[One]'}")
      .replace('two.atlassian.net', 'acme.atlassian.net')
      .replace('{name: Web, connection: One', '{name: Web, connection: Two');
    await world.pass({ ...variables(world, oneSite), 'JsmChange.Token[One]': 'refused-token' });
    expect(answerOf(interruption)).toBe('Proceed');
  });
});

describe('The input of a pass', () => {
  it.each([
    ['no key', { 'JsmChange.OctopusApiKey': '' }, 'Octopus API key (JsmChange.OctopusApiKey) is empty'],
    ['a short key', { 'JsmChange.OctopusApiKey': 'API-1' }, 'is shorter than 8 characters'],
    ['a URL without https', { 'JsmChange.OctopusUrl': 'http://octopus.acme.example' }, 'begins with https'],
    [
      'a page of the server',
      { 'JsmChange.OctopusUrl': 'https://octopus.acme.example/app#/Spaces-1' },
      'root URL',
    ],
    ['no server', { 'Octopus.Web.ServerUri': '' }, 'Octopus.Web.ServerUri is empty'],
    ['no space', { 'Octopus.Space.Id': '' }, 'Octopus.Space.Id is empty'],
    ['a limit that is not a number', { 'JsmChange.ParkLimitDays': 'never' }, 'whole number from 0 to 3650'],
    ['no service project', { 'JsmChange.ServiceProject': '' }, 'JsmChange.ServiceProject) is empty'],
    ['an unresolved key', { 'JsmChange.OctopusApiKey': '#{Key.Of.Octopus}' }, 'was not resolved'],
  ])('[R7] %s is an error before any request', async (_what, variables, message) => {
    const world = new ParkedWorld();
    const { interruption } = world.park();
    const run = await world.pass(variables);
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain(message);
    expect(run.requests).toEqual([]);
    expect(answerOf(interruption)).toBeUndefined();
    expect(said(run)).not.toContain('Key.Of.Octopus');
  });

  it('[R7][X3] treats a worker whose Node would print the key as an error before any request', async () => {
    const run = await new ParkedWorld().pass({ NODE_DEBUG: 'fs,https' });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
    expect(run.resultMessage).toContain('NODE_DEBUG is set');
  });

  it('[R7] reports all problems together', async () => {
    const run = await new ParkedWorld().pass({
      'JsmChange.OctopusApiKey': '',
      'JsmChange.Token': '',
      'JsmChange.ParkLimitDays': '-1',
    });
    for (const name of ['OctopusApiKey', 'Token', 'ParkLimitDays']) expect(run.resultMessage).toContain(name);
  });

  it('[R7] fails on a key that Octopus does not know, and says what to do', async () => {
    const world = new ParkedWorld();
    const run = await world.pass({ 'JsmChange.OctopusApiKey': 'API-NOBODYKNOWSTHISONE' });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toMatch(/status 401.*Octopus API key \(JsmChange\.OctopusApiKey\)/);
    expect(toOctopus(run).length).toBe(1);
  });

  it.each([401, 403] as const)('[R7] names the space if the key has no role in it (%s)', async (status) => {
    const world = new ParkedWorld({}, { behaviour: { outsiderStatus: status } });
    const space = world.octopus.addSpace('Other');
    const run = await world.pass({ 'Octopus.Space.Id': space.id });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain(`space ${space.id}`);
  });

  it('[R7] names the missing permission if the account cannot see interruptions', async () => {
    const world = new ParkedWorld();
    const blind = world.octopus.addUser({ username: 'blind', permissions: ['InterruptionSubmit'] });
    const run = await world.pass({ 'JsmChange.OctopusApiKey': blind.apiKey });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('InterruptionView');
  });

  it('[R7] says to check the URL if its path is not that of a server', async () => {
    const world = new ParkedWorld();
    const run = await world.pass({ 'JsmChange.OctopusUrl': 'https://octopus.acme.example/wrong' });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('JsmChange.OctopusUrl');
  });

  it('[R7][X3] shows the key in no form except in masks', async () => {
    const world = new ParkedWorld({ record: true });
    world.park({ summary: `A title with ${octopusKey} in it`, status: 'Declined' });
    const run = await world.pass();
    const base64 = Buffer.from(octopusKey).toString('base64');
    expect(run.masked).toContain(base64);
    const shown = run.lines.filter((line) => !line.startsWith('##octopus[mask'));
    expect(shown.join('\n')).not.toContain(octopusKey);
    expect(world.octopus.interruptions[0]?.answer?.notes).not.toContain(octopusKey);
    for (const { path, headers, body } of world.site.requests) {
      expect(JSON.stringify([path, headers, body])).not.toContain(octopusKey);
    }
    expect(world.site.requests.length).toBeGreaterThan(0);
  });

  it.each(['Gate', 'Verify'])('[R7][X3] %s does not show the key either', async (operation) => {
    const world = new ParkedWorld();
    const run = await world.pass({
      'JsmChange.Operation': operation,
      'Octopus.Runbook.Id': '',
      'Octopus.JiraServiceManagement.Field[description]': `see ${octopusKey}`,
    });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('Field[description] contains');
    expect(run.lines.filter((line) => !line.startsWith('##octopus[mask')).join('\n')).not.toContain(
      octopusKey,
    );
  });

  it('[X1][X3] writes short notes without secrets regardless of what Jira returns', async () => {
    const status = `Declined ${defaultToken} ${'x'.repeat(3000)}`;
    const world = new ParkedWorld();
    const { interruption } = world.park({ status: 'Declined' });
    await world.pass({}, { rewrite: (body) => body.replaceAll('"Declined"', JSON.stringify(status)) });
    expect(answerOf(interruption)).toBe('Abort');
    const notes = interruption.answer?.notes ?? '';
    expect(notes).toContain('Declined ********');
    expect(notes).not.toContain(defaultToken);
    expect([...notes].length).toBe(2000);
  });

  it('[X1] never writes the title of a change request as an Octopus expression into the notes', async () => {
    const world = new ParkedWorld();
    const { interruption } = world.park({ status: 'Declined' });
    world.site.behaviour.translations = { Declined: '#{Octopus.Secret} ##octopus[stdout-error]' };
    await world.pass();
    expect(interruption.answer?.notes ?? '').not.toContain('#{');
  });
});

describe('Test with an Octopus key', () => {
  const test = { 'JsmChange.Operation': 'Test', 'Octopus.Runbook.Id': '' };

  it('[R7] tries the server, the login, the space and the list', async () => {
    const world = new ParkedWorld();
    const run = await world.pass(test);
    expect(run.exitCode).toBe(0);
    const lines = run.said.map(({ line }) => line).filter((line) => /^\w+ +(?:Octopus|parked)/.test(line));
    expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual([
      'pass     Octopus',
      'pass     Octopus login',
      'pass     Octopus space',
      'pass     parked deployments',
    ]);
    expect(toOctopus(run).every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([403, undefined])(
    '[R7] also tries the key for a project that the policy does not list, if the list answers %s',
    async (status) => {
      const world = new ParkedWorld();
      if (status !== undefined)
        world.octopus.faults.add({ fault: { kind: 'status', status, body: '{}' }, path: /interruptions/ });
      const run = await world.pass({ ...test, 'JsmChange.Policy': policy });
      expect(said(run)).toMatch(/configuration: No approval is required: the policy has no entry for the/);
      expect(toOctopus(run).length).toBe(4);
      expect(toJira(run)).toEqual([]);
      expect(run.exitCode).toBe(status === undefined ? 0 : 1);
    },
  );

  it('[R7] sends Octopus nothing if the input is invalid', async () => {
    const run = await new ParkedWorld().pass({ ...test, 'JsmChange.BaseUrl': '' });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
  });

  it('[R7] [I3] sends nothing to Jira either if only the inputs for Octopus are invalid', async () => {
    const run = await new ParkedWorld().pass({
      ...test,
      'JsmChange.OctopusApiKey': 'short',
      'JsmChange.OctopusUrl': 'ftp://octopus.acme.example',
    });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
    for (const name of ['JsmChange.OctopusApiKey', 'JsmChange.OctopusUrl'])
      expect(run.resultMessage).toContain(name);
  });

  it('[R7] [I3] reports the inputs for Octopus together with the others', async () => {
    const run = await new ParkedWorld().pass({
      ...test,
      'JsmChange.OctopusUrl': 'ftp://octopus.acme.example',
      'JsmChange.BaseUrl': '',
    });
    expect(run).toMatchObject({ exitCode: 1, requests: [] });
    for (const name of ['JsmChange.BaseUrl', 'JsmChange.OctopusUrl'])
      expect(run.resultMessage).toContain(name);
  });

  it('[R7] fails with advice on a key that cannot list interruptions, and on an invalid URL', async () => {
    const world = new ParkedWorld();
    const blind = world.octopus.addUser({ username: 'blind', permissions: ['InterruptionSubmit'] });
    const run = await world.pass({ ...test, 'JsmChange.OctopusApiKey': blind.apiKey });
    expect(run.exitCode).toBe(1);
    expect(run.resultMessage).toContain('InterruptionView');
    const other = await world.pass({ ...test, 'JsmChange.OctopusUrl': 'http://octopus.acme.example' });
    expect(other.exitCode).toBe(1);
    expect(other.resultMessage).toContain('JsmChange.OctopusUrl');
  });

  it('[R7] sends Octopus nothing without a key', async () => {
    const run = await new ParkedWorld().pass({ ...test, 'JsmChange.OctopusApiKey': '' });
    expect(run.exitCode).toBe(0);
    expect(toOctopus(run)).toEqual([]);
  });
});
