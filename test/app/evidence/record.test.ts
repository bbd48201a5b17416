import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/app/evidence/digest.ts';
import { defaultToken, plannedStartId } from '../../sandbox/defaults.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { gate, hourMs, minuteMs, secondMs, siteWith, supplied } from '../gate-run.ts';
import { entriesOf, leftRecord } from './left-record.ts';

const on = { 'JsmChange.EvidenceRecord': 'True' };

describe('the change record', () => {
  it('[E1] consists of two artifacts with absolute paths for a deployment that proceeds', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await gate(site, { ...on, ...supplied(key) });
    const { name, json, html, record } = leftRecord(run);
    expect(name).toBe(`change-record-${key}`);
    expect(run.artifacts).toEqual([
      { path: `/work/${name}.json`, name: `${name}.json`, length: `${Buffer.byteLength(json)}` },
      { path: `/work/${name}.html`, name: `${name}.html`, length: `${Buffer.byteLength(html)}` },
    ]);
    expect(record.ending).toMatchObject({
      decision: 'Proceed',
      code: 'Approved',
      rule: 'W1',
      by: 'decision',
      exitCode: 0,
    });
  });

  it('[E1] is named after the deployment if there is no change request', async () => {
    const { site } = siteWith();
    const run = await gate(site, {
      ...on,
      'JsmChange.Token': '',
      'Octopus.Deployment.Id': 'Deployments/4 2',
    });
    const { name, record } = leftRecord(run);
    expect(name).toBe('change-record-Deployments_4_2');
    expect(record).toMatchObject({
      settings: null,
      entries: [],
      ending: { decision: 'Error', code: 'InputInvalid' },
    });
  });

  it.each([
    ['by default', { 'JsmChange.EvidenceRecord': '' }, 2],
    ['if it is switched off', { 'JsmChange.EvidenceRecord': 'false' }, 0],
    [
      'if it is switched off and the input is invalid',
      { 'JsmChange.EvidenceRecord': 'False', 'JsmChange.Token': '' },
      0,
    ],
    ['if no approval is required', { ...on, 'JsmChange.ProjectChangeControlled': 'False' }, 0],
    ['for a Report', { ...on, 'JsmChange.Operation': 'Report' }, 0],
    ['for a Test', { ...on, 'JsmChange.Operation': 'Test' }, 0],
    ['for a Verify', { ...on, 'JsmChange.Operation': 'Verify' }, 2],
  ])('[E1] leaves the expected number of files %s', async (_what, variables, files) => {
    const { site } = siteWith({ status: 'Implementing' });
    expect((await gate(site, variables)).files.size).toBe(files);
  });

  it.each([
    ['the wait limit', {}, { code: 'TimedOut', rule: 'P4', by: 'other' }],
    ['a signal', { terminateMs: 30 * secondMs }, { code: 'Cancelled', rule: 'F6', by: 'other' }],
  ])('[E1] contains what was known after %s, without an extra request', async (_what, options, ending) => {
    const { site, key } = siteWith();
    const run = await gate(site, { ...on, 'JsmChange.WaitLimitMinutes': '1' }, options);
    const { record } = leftRecord(run);
    expect(record.ending).toMatchObject(ending);
    expect(record.ending.changeRequest?.key).toBe(key);
    expect(entriesOf(record, 'check').at(-1)?.decision).toMatchObject({ kind: 'wait', rule: 'T2' });
  });

  it('[E1] warns if it cannot be written, and changes nothing else', async () => {
    const { site } = siteWith({ status: 'Implementing' });
    const run = await gate(site, on, {
      keepFile: () => {
        throw new Error('no space left');
      },
    });
    expect(run.exitCode).toBe(0);
    expect(run.artifacts).toEqual([]);
    expect(run.warnings.join()).toContain('no space left');
  });

  it('[E2] contains what was read, seen, decided and written', async () => {
    const { site, key } = siteWith();
    const start = site.dateIn(hourMs);
    const run = await gate(
      site,
      { ...on, 'JsmChange.CustomerComments': 'True' },
      {
        at: [
          [10 * minuteMs, () => site.moveTo(key, 'Implementing')],
          [10 * minuteMs, () => site.setField(key, plannedStartId, start)],
        ],
      },
    );
    const { record, json } = leftRecord(run);
    expect(record).toMatchObject({
      step: { bundleSha256: sha256('the bundle') },
      operation: 'Gate',
      run: { project: 'Web Site', deployer: { email: 'dana@acme.example' } },
      settings: { site: `${site.baseUrl}/`, account: 'octopus@acme.example', policySha256: null },
    });
    expect(entriesOf(record, 'lookup')[0]?.changeRequest.key).toBe(key);
    expect(
      entriesOf(record, 'check').map(({ decision, changeRequest }) => [
        changeRequest.status.name,
        decision?.rule,
      ]),
    ).toEqual([
      ['Review', 'T2'],
      ['Review', 'T2'],
      ['Implementing', 'W5'],
      ['Implementing', 'W5'],
      ['Implementing', 'W2'],
      ['Implementing', 'W2'],
    ]);
    expect(entriesOf(record, 'write').map(({ what, result }) => [what, result])).toEqual([
      ['comment', 'done'],
      ['comment', 'done'],
    ]);
    const [check] = entriesOf(record, 'check').slice(-1);
    expect(check?.changeRequest.plannedStart.candidates[0]?.value).toMatch(/^2\d{3}-/);
    expect(check?.window.start).toMatchObject({ kind: 'set', at: start.toISOString() });
    expect(json).not.toContain(defaultToken);
  });

  it.each([
    ['create', /\/servicedeskapi\/request$/],
    ['transition', /\/transitions$/],
  ] as const)('[E2] [C3] shows why it is not known whether a %s was carried out', async (what, path) => {
    const site = new SimulatedSite();
    const lost = { kind: 'status', status: 504, afterWork: true } as const;
    site.faults.add({ fault: lost, method: 'POST', path });
    const run = await gate(site, { ...on, 'JsmChange.ApproveTransition': '61' });
    expect(run.exitCode).toBe(0);
    const entries = entriesOf(leftRecord(run).record, 'write');
    expect(entries.filter((entry) => entry.what === what)).toMatchObject([
      { result: 'unknown', why: expect.stringContaining('status 504') },
    ]);
  });

  it.each([
    ['create', 10 * minuteMs, /\/servicedeskapi\/request$/],
    ['transition', 10 * minuteMs, /\/transitions$/],
    ['comment', secondMs, /\/comment$/],
  ] as const)(
    '[E2] dates a %s that was put off by the try that was sent, not by the first',
    async (what, forMs, path) => {
      const site = new SimulatedSite();
      let began = 0;
      let sentMs = 0;
      const run = await gate(
        site,
        { ...on, 'JsmChange.ApproveTransition': '61', 'JsmChange.CustomerComments': 'True' },
        {
          failure: ({ method, url }) => {
            if (method !== 'POST' || !path.test(url) || sentMs > 0) return undefined;
            began ||= site.time.now;
            if (site.time.now < began + forMs) return 'not-connected';
            sentMs = site.siteClock.now();
            return undefined;
          },
        },
      );
      const written = entriesOf(leftRecord(run).record, 'write').find((entry) => entry.what === what);
      expect(written).toMatchObject({ result: 'done' });
      expect(Math.abs(Date.parse(written?.at ?? '') - sentMs)).toBeLessThan(0.5 * secondMs);
    },
  );
});
