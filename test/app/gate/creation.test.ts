import { describe, expect, it } from 'vitest';
import { plannedEndId, plannedStartId } from '../../sandbox/defaults.ts';
import type { Fault } from '../../sandbox/fault.ts';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import { changeForm, requestTypesWithForm } from '../../sandbox/project.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { entriesOf, leftRecord } from '../evidence/left-record.ts';
import {
  creations,
  gaps,
  gate,
  minuteMs,
  raisedMeanwhile,
  reads,
  runLineOf,
  searches,
  secondMs,
  siteWith,
  supplied,
  writes,
} from '../gate-run.ts';

const fail = { 'JsmChange.WhenPending': 'Fail' };
const field = (name: string): string => `Octopus.JiraServiceManagement.Field[${name}]`;
const ownLine = runLineOf();
const createPath = /\/servicedeskapi\/request$/;
/** The connection is reset at the first create request, before Jira does the work. */
const losesCreate = { faults: [firstCreate({ kind: 'reset' })] };

function firstCreate(fault: Fault) {
  return { fault, method: 'POST', path: createPath, at: 1 };
}

function text(site: SimulatedSite, key: string, name: string): unknown {
  return site.issue(key).values.get(site.field(name).id);
}

/** A policy that accepts no change request that the site raises. */
const ofEmergencies = `
version: 1
issueTypes: [Emergency]
connections: [{ name: A, baseUrl: "https://acme.atlassian.net", username: octopus@acme.example, tokenVariable: JsmChange.Token }]
projects: [{ name: "*", connection: A, serviceProject: CHG }]
environments: [{ name: "*" }]
`;

/** A refusal in Jira's own words. */
function refusal(status: number): Fault {
  return { kind: 'status', status, body: '{"errorMessages":["No."],"errors":{}}' };
}

describe('creation', () => {
  it('[C1] raises a request with the title, a description, and the run line as its last line', async () => {
    const site = new SimulatedSite();
    const run = await gate(site, fail);
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Created' });
    const issue = site.issue('CHG-1');
    expect(issue.values.get('summary')).toBe(deploymentTitle);
    expect(issue.requestTypeId).toBe('25');
    const lines = String(issue.values.get('description')).split('\n');
    expect(lines.at(-1)).toBe('Octopus run: https://octopus.acme.example Spaces-1 Deployments-421');
    for (const part of [
      'Web Site',
      '1.0.1',
      'Production',
      'Dana Deployer',
      'WEB-12: totals',
      'ServerTasks-9001',
    ]) {
      expect(lines.join('\n')).toContain(part);
    }
  });

  it("[C1] replaces the default description with a given one, but never with another field's value", async () => {
    const runLine = 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421';
    const given = new SimulatedSite();
    await gate(given, { ...fail, [field('DESCRIPTION')]: 'Given by hand \n\n' });
    expect(text(given, 'CHG-1', 'description')).toBe(`Given by hand\n\n${runLine}`);

    const usual = new SimulatedSite();
    await gate(usual, { ...fail, [field('Planned start')]: '2026-06-14T08:00:00Z' });
    expect(text(usual, 'CHG-1', 'description')).toMatch(/^[^\n]*Octopus.*Web Site.*\n\nOctopus run: /s);
    expect(text(usual, 'CHG-1', 'description')).not.toContain('2026-06-14');
  });

  it('[C1] does not let text from variables form a run line', async () => {
    const forged = 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-1';
    const site = new SimulatedSite();
    await gate(site, {
      ...fail,
      'Octopus.Release.Notes': `notes\n${forged}\n  octopus run: x y z`,
      'Octopus.Deployment.Comments': `\n${forged}`,
      'Octopus.Project.Name': 'Web Site',
      [field('description')]: `given\n${forged}`,
    });
    const lines = String(text(site, 'CHG-1', 'description')).split('\n');
    expect(lines.filter((line) => /^\s*octopus run:/i.test(line))).toEqual([
      'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421',
    ]);
  });

  it('[C1] resolves names to ids and sends each value as its field accepts it', async () => {
    const site = new SimulatedSite({
      projects: [
        {
          key: 'CHG',
          serviceDeskId: '10',
          requestTypes: requestTypesWithForm([
            ...changeForm,
            { fieldId: 'customfield_10004' },
            { fieldId: 'customfield_10055' },
            { fieldId: 'customfield_10051' },
          ]),
        },
      ],
    });
    const run = await gate(site, {
      ...fail,
      [field('impact')]: 'Minor',
      [field('External reference')]: '{"a":1}',
      [field('customfield_10051')]: '12',
      [field('Planned start')]: '2026-06-14T10:00:00+02:00',
    });
    expect(run.outputs['ChangeRequest.Source']).toBe('Created');
    expect(text(site, 'CHG-1', 'External reference')).toBe('{"a":1}');
    expect(text(site, 'CHG-1', 'Affected users')).toBe(12);
    expect(JSON.stringify(text(site, 'CHG-1', 'Impact'))).toContain('Minor');
    expect(run.outputs['ChangeRequest.PlannedStart']).toBe('2026-06-14T08:00:00Z');
  });

  it('[C1] a retried step continues with its own change request', async () => {
    const site = new SimulatedSite({ indexLagMs: 3000 });
    await gate(site, {}, { crashMs: 40_000 });
    const retried = await gate(site, {}, { at: [[30_000, () => site.moveTo('CHG-1', 'Implementing')]] });
    expect(retried).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Matched' },
    });
    expect(site.issues()).toHaveLength(1);
  });

  it('[C1] omits the run line if the form has no description, and logs the consequences', async () => {
    const site = new SimulatedSite({
      projects: [
        { key: 'CHG', serviceDeskId: '10', requestTypes: requestTypesWithForm([{ fieldId: 'summary' }]) },
      ],
    });
    const run = await gate(site, fail);
    expect(run.outputs['ChangeRequest.Source']).toBe('Created');
    expect(run.warnings.join('\n')).toMatch(/no description.*retried step/);
    expect(text(site, 'CHG-1', 'description')).toBeUndefined();
    expect((await gate(new SimulatedSite(), fail)).warnings.join('\n')).not.toMatch(/no description/);
  });

  it('[C2] reads the new change request back by its key, and retries a 404 for 30 s', async () => {
    const missing: Fault = {
      kind: 'status',
      status: 404,
      body: '{"errorMessages":["Issue does not exist"],"errors":{}}',
    };
    const site = new SimulatedSite();
    const readable = site.siteClock.now() + 20 * secondMs;
    site.faults.add({ fault: missing, method: 'GET', path: /\/issue\/CHG-1\?/, untilMs: readable });
    const run = await gate(site, {}, { at: [[60_000, () => site.moveTo('CHG-1', 'Implementing')]] });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    expect(run.summary.join('\n')).toContain('[CHG-1](https://acme.atlassian.net/browse/CHG-1)');

    const never = new SimulatedSite({
      faults: [{ fault: missing, method: 'GET', path: /\/issue\/CHG-1\?/ }],
    });
    const stopped = await gate(never);
    expect(stopped).toMatchObject({ exitCode: 1, outputs: { 'ChangeRequest.Number': 'CHG-1' } });
    const created = creations(stopped)[0]?.settledMs ?? 0;
    expect(stopped.endedAtMs - created).toBeGreaterThanOrEqual(30 * secondMs);
    expect(stopped.endedAtMs - created).toBeLessThan(31 * secondMs);
    // Every 2 s, so that the run proceeds soon after the change request becomes readable.
    expect(gaps(reads(stopped, 'CHG-1')).filter((gapMs) => gapMs > 2.5 * secondMs)).toEqual([]);
    expect(reads(stopped, 'CHG-1').length).toBeLessThan(20);
  });

  it('[C2] writes a planned time again if the creation left it unset, but keeps a different value', async () => {
    const site = new SimulatedSite({ ignoredOnCreate: ['Planned start'] });
    const run = await gate(site, { ...fail, [field('Planned start')]: '2026-06-14T08:00:00Z' });
    expect(run.outputs['ChangeRequest.PlannedStart']).toBe('2026-06-14T08:00:00Z');
    expect(run.resultMessage).toMatch(/CHG-1 is not ready/);

    const automated = new SimulatedSite({
      onCreate: (model, key) => model.setField(key, 'Planned start', '2026-06-20T08:00:00.000+0000'),
    });
    const kept = await gate(automated, { ...fail, [field('Planned start')]: '2026-06-14T08:00:00Z' });
    expect(kept.outputs['ChangeRequest.PlannedStart']).toBe('2026-06-20T08:00:00Z');
    expect(writes(kept).map(({ method }) => method)).toEqual(['POST']);
    expect(kept.resultMessage).toMatch(/CHG-1 is not ready/);
  });

  it('[C2] does not write a planned time that no variable sets or whose variable is empty', async () => {
    const site = new SimulatedSite();
    const run = await gate(site, { ...fail, [field('description')]: 'Given', [field('Planned end')]: '  ' });
    expect(run.resultMessage).toMatch(/CHG-1 is not ready/);
    expect(writes(run).map(({ method }) => method)).toEqual(['POST']);
  });

  it('[C2] writes one planned time again and leaves the other unset', async () => {
    const site = new SimulatedSite({ ignoredOnCreate: ['Planned end'] });
    const run = await gate(site, { ...fail, [field('Planned end')]: '2026-06-14T08:00:00Z' });
    expect(run.outputs).toMatchObject({
      'ChangeRequest.PlannedStart': '',
      'ChangeRequest.PlannedEnd': '2026-06-14T08:00:00Z',
    });
    expect(run.resultMessage).toMatch(/CHG-1 is not ready/);
  });

  it.each(['Planned start', plannedStartId])(
    '[C2] a retried step writes the value that %s sets, in case its first attempt did not',
    async (name) => {
      const site = new SimulatedSite();
      const own = 'x\n\nOctopus run: https://octopus.acme.example Spaces-1 Deployments-421';
      site.createRequest({ summary: deploymentTitle, description: own });
      const run = await gate(site, { ...fail, [field(name)]: '2026-06-14T08:00:00Z' });
      expect(run.outputs).toMatchObject({
        'ChangeRequest.Source': 'Matched',
        'ChangeRequest.PlannedStart': '2026-06-14T08:00:00Z',
      });
    },
  );

  describe('with a custom label on the request form', () => {
    const requestTypes = requestTypesWithForm(
      changeForm.map((one) => (one.fieldId === plannedStartId ? { ...one, label: 'Go live' } : one)),
    );
    const labelled = { projects: [{ key: 'CHG', requestTypes }], statusOnCreation: 'Implementing' };

    it.each(['Go live', plannedStartId])(
      '[C2] [F7] writes a planned time that %s sets again',
      async (name) => {
        const site = new SimulatedSite({ ...labelled, ignoredOnCreate: ['Planned start'] });
        const run = await gate(site, { ...fail, [field(name)]: '2026-06-14T07:00:00Z' });
        expect(run).toMatchObject({
          exitCode: 1,
          outputs: {
            DecisionCode: 'AwaitingPlannedStart',
            'ChangeRequest.PlannedStart': '2026-06-14T07:00:00Z',
          },
        });
      },
    );

    it.each(['Go live', plannedStartId, 'Planned start'])(
      '[W12] [F7] stops if %s sets a planned time and no answer has the field',
      async (name) => {
        const site = new SimulatedSite(labelled);
        const hide = (body: string): string => {
          const { names, ...issue } = JSON.parse(body);
          delete issue.fields[plannedStartId];
          if (names !== undefined) delete names[plannedStartId];
          return JSON.stringify({ ...issue, names });
        };
        const run = await gate(
          site,
          { ...fail, [field(name)]: '2026-06-14T07:00:00Z' },
          { rewrite: (body, _number, { url }) => (url.includes('/issue/CHG-1?') ? hide(body) : body) },
        );
        expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'WindowUnknown' } });
        expect(run.resultMessage).toMatch(/"Planned start" of .*CHG-1.* is missing/);
      },
    );
  });

  it('[C2] [F3] does not trust a single 403 when it reads back what was stored', async () => {
    const body = '{"errorMessages":["No."],"errors":{}}';
    const site = new SimulatedSite({
      ignoredOnCreate: ['Planned start'],
      faults: [{ fault: { kind: 'status', status: 403, body }, method: 'GET', path: /failFast/, at: 2 }],
    });
    const run = await gate(site, { ...fail, [field('Planned start')]: '2026-06-13T08:00:00Z' });
    expect(run.outputs['DecisionCode']).toBe('AwaitingApproval');
  });

  it('[C2] stops if Jira accepts the value but does not store it', async () => {
    const site = new SimulatedSite({
      ignoredOnCreate: ['Planned start'],
      faults: [{ fault: { kind: 'status', status: 204, body: '' }, method: 'PUT' }],
    });
    const run = await gate(site, { [field('Planned start')]: '2026-06-14T08:00:00Z' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/"Planned start" of .*CHG-1.* Jira did not store it/);
  });

  it('[C2] stops if writing the value again is refused', async () => {
    const site = new SimulatedSite({
      ignoredOnCreate: ['Planned start'],
      notEditable: ['Planned start'],
      statusOnCreation: 'Implementing',
    });
    const run = await gate(site, { [field('Planned start')]: '2026-06-13T08:00:00Z' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/setting it again was refused: .*cannot be set/);
  });

  it.each<[string, Fault]>([
    ['401', refusal(401)],
    ['403', refusal(403)],
    ['404', refusal(404)],
  ])(
    '[F3] [C2] does not give a planned time up after one %s, since the check before was good',
    async (_what, fault) => {
      const site = new SimulatedSite({ ignoredOnCreate: ['Planned start'] });
      site.faults.add({ method: 'PUT', path: /\/issue\/CHG-1/, fault, at: 1 });
      const run = await gate(
        site,
        { [field('Planned start')]: '2026-06-13T07:00:00Z' },
        { at: [[minuteMs, () => site.moveTo('CHG-1', 'Implementing')]] },
      );
      expect(run.outputs).toMatchObject({
        Decision: 'Proceed',
        'ChangeRequest.PlannedStart': '2026-06-13T07:00:00Z',
      });
    },
  );

  it.each<[number, string, string]>([
    [503, 'Error', 'Unreachable'],
    [401, 'Error', 'LoginFailed'],
    [403, 'Stop', 'WindowUnknown'],
  ])(
    '[F2] [F3] [C2] ends a planned time that is always answered with %i as %s, %s',
    async (status, decision, code) => {
      const site = new SimulatedSite({ ignoredOnCreate: ['Planned start'] });
      site.faults.add({ method: 'PUT', path: /\/issue\/CHG-1/, fault: refusal(status) });
      const run = await gate(site, { [field('Planned start')]: '2026-06-13T07:00:00Z' });
      expect(run.outputs).toMatchObject({ Decision: decision, DecisionCode: code });
    },
  );

  it.each<[string, Parameters<SimulatedSite['faults']['add']>[0]]>([
    ['an outage puts off', { method: 'PUT', fault: { kind: 'status', status: 503 }, at: 1, count: 6 }],
    ['is repeated after a refusal', { method: 'PUT', fault: refusal(403), at: 1 }],
  ])(
    '[C2] does not replace a planned time that somebody entered before a write that %s',
    async (_what, faults) => {
      const site = new SimulatedSite({ ignoredOnCreate: ['Planned start'] });
      site.faults.add(faults);
      await gate(
        site,
        {
          [field('Planned start')]: '2026-06-13T07:00:00Z',
          'JsmChange.WaitLimitMinutes': '5',
          'JsmChange.PollIntervalSeconds': '40',
        },
        {
          at: [
            [25 * secondMs, () => site.setField('CHG-1', 'Planned start', new Date('2026-06-13T12:00:00Z'))],
          ],
        },
      );
      expect(text(site, 'CHG-1', plannedStartId)).toMatch(/^2026-06-13T14:00/);
    },
  );

  it('[C2] does not replace a Planned end that somebody entered while Planned start was written', async () => {
    const site = new SimulatedSite({ ignoredOnCreate: ['Planned start', 'Planned end'] });
    site.faults.add({ method: 'PUT', fault: { kind: 'status', status: 503 }, at: 1, count: 6 });
    await gate(
      site,
      {
        [field('Planned start')]: '2026-06-13T07:00:00Z',
        [field('Planned end')]: '2026-06-14T07:00:00Z',
        'JsmChange.WaitLimitMinutes': '5',
      },
      {
        at: [[25 * secondMs, () => site.setField('CHG-1', 'Planned end', new Date('2026-06-15T12:00:00Z'))]],
      },
    );
    expect(text(site, 'CHG-1', plannedStartId)).toMatch(/^2026-06-13T09:00/);
    expect(text(site, 'CHG-1', plannedEndId)).toMatch(/^2026-06-15T14:00/);
  });
});

describe('a create request that JSM refuses', () => {
  it.each([400, 404, 405, 409, 413, 422])(
    '[C5] [O2] with %i leaves that nothing was raised',
    async (status) => {
      const site = new SimulatedSite();
      site.faults.add({ method: 'POST', path: createPath, fault: refusal(status) });
      const run = await gate(site);
      expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'NotRaised' });
      expect(site.issues()).toEqual([]);
    },
  );
});

describe('a field that the form lacks', () => {
  const reference = { ...fail, [field('External reference')]: 'REF-7' };
  const referenceId = 'customfield_10055';
  const own = { description: ownLine };

  it('[F6] [C1] is set by a retried step whose first attempt did not come to it', async () => {
    const { site, key } = siteWith(own);
    const run = await gate(site, reference);
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' });
    expect(site.issue(key).values.get(referenceId)).toBe('REF-7');
    expect(writes(run).map(({ method }) => method)).toEqual(['PUT']);
  });

  it('[F6] [C1] is left alone by a retried step if it has a value', async () => {
    const { site, key } = siteWith(own);
    site.setField(key, 'External reference', 'Entered by somebody');
    const run = await gate(site, reference);
    expect(site.issue(key).values.get(referenceId)).toBe('Entered by somebody');
    expect(writes(run)).toEqual([]);
  });

  it("[C1] is not set on a change request that is not the run's own", async () => {
    const { site, key } = siteWith();
    const run = await gate(site, reference);
    expect(site.issue(key).values.get(referenceId)).toBeFalsy();
    expect(writes(run)).toEqual([]);
  });

  it('[F6] [C1] only leads to a warning if a retried step cannot check it', async () => {
    const { site } = siteWith({ ...own, status: 'Implementing' });
    site.faults.add({ path: /requesttype/, fault: refusal(403) });
    const run = await gate(site, reference);
    expect(run.exitCode).toBe(0);
    expect(run.warnings.join()).toMatch(/Field\[\.\.\.\] variables are set on .*CHG-1.* cannot be checked/);
  });

  it('[C1] does not replace a value that somebody entered while an outage delayed it', async () => {
    const site = new SimulatedSite();
    site.faults.add({ method: 'PUT', fault: { kind: 'status', status: 503 }, at: 1, count: 6 });
    await gate(site, reference, {
      at: [[25 * secondMs, () => site.setField('CHG-1', 'External reference', 'Entered by somebody')]],
    });
    expect(site.issue('CHG-1').values.get(referenceId)).toBe('Entered by somebody');
  });

  it('[C1] if it is the description, does not cost the run line', async () => {
    const requestTypes = requestTypesWithForm([{ fieldId: 'summary' }]);
    const variables = { ...fail, [field('description')]: 'Our own words' };
    const site = new SimulatedSite({ projects: [{ key: 'CHG', requestTypes }] });
    const run = await gate(site, variables);
    expect(text(site, 'CHG-1', 'description')).toContain(ownLine);
    expect(run.warnings.join()).not.toContain('cannot record which run raised it');

    const locked = new SimulatedSite({
      projects: [{ key: 'CHG', requestTypes }],
      notEditable: ['Description'],
    });
    const warned = await gate(locked, variables);
    expect(warned.warnings.join()).toContain('cannot record which run raised it');
  });
});

describe('a create request whose answer is lost', () => {
  const lost: Record<string, Fault> = {
    'reset after the work': { kind: 'reset', afterWork: true },
    'hang after the work': { kind: 'hang', afterWork: true },
    '502 after the work': { kind: 'status', status: 502, afterWork: true },
    '504 after the work': { kind: 'status', status: 504, afterWork: true },
    'cut off in the body': { kind: 'cut-off' },
    'truncated JSON': { kind: 'truncated-json' },
    'empty body': { kind: 'empty' },
    'login page': { kind: 'login-page', afterWork: true },
  };

  it.each(Object.entries(lost))(
    '[C3] %s: is never sent again, and its change request is found by title',
    async (_name, fault) => {
      const site = new SimulatedSite({
        faults: [firstCreate(fault)],
        indexLagMs: 40 * secondMs,
      });
      const run = await gate(site, {}, { at: [[5 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')]] });
      expect(creations(run)).toHaveLength(1);
      expect(site.issues()).toHaveLength(1);
      expect(run).toMatchObject({
        exitCode: 0,
        outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Created' },
      });
    },
  );

  it.each<[string, string, ConstructorParameters<typeof SimulatedSite>[0], Record<string, string>]>([
    ['[L7] [C3] under another title', 'InputInvalid', { rewriteSummary: (old) => `[auto] ${old}` }, {}],
    ['[L9] [C3] even if it was closed at once', 'Refused', { statusOnCreation: 'Declined' }, {}],
    ['[L14] [C3] even if its type is not accepted', 'NotAllowed', {}, { 'JsmChange.Policy': ofEmergencies }],
  ])('%s, its change request is found', async (_title, code, options, variables) => {
    const site = new SimulatedSite({ ...options, faults: [firstCreate({ kind: 'reset', afterWork: true })] });
    const run = await gate(site, variables);
    expect(run.outputs).toMatchObject({
      DecisionCode: code,
      'ChangeRequest.Number': 'CHG-1',
      'ChangeRequest.Source': 'Created',
    });
    expect(run.resultMessage).toContain('CHG-1');
  });

  it.each([
    ['reset before the work', { kind: 'reset' }],
    ['500 before the work', { kind: 'status', status: 500 }],
    ['hang before the work', { kind: 'hang' }],
  ] as const)('[C3] %s: searches for 2 minutes, then stops', async (_name, fault) => {
    const site = new SimulatedSite({ faults: [firstCreate(fault)] });
    const run = await gate(site);
    expect(creations(run)).toHaveLength(1);
    expect(site.issues()).toHaveLength(0);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/did not appear within 2 minutes/);
    const sent = creations(run)[0];
    const searchedMs = (searches(run).at(-1)?.sentMs ?? 0) - (sent?.settledMs ?? 0);
    expect(searchedMs).toBeGreaterThan(110 * secondMs);
    // Every 4 to 6 s at random, alternately by phrase and by words, until the 2 minutes are over.
    const after = searches(run).filter(({ sentMs }) => sentMs > (sent?.settledMs ?? 0));
    const apart = gaps(after).slice(0, -1);
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(4 * secondMs);
    expect(Math.max(...apart)).toBeLessThanOrEqual(6 * secondMs);
    expect(new Set(apart.map((gapMs) => Math.round(gapMs / 100))).size).toBeGreaterThan(3);
    const asked = after.map(({ query, body }) => `${query}${body ?? ''}`);
    expect(asked.map((one) => one === asked[0])).toEqual(asked.map((_, index) => index % 2 === 0));
    expect(run.endedAtMs - (sent?.settledMs ?? 0)).toBeLessThan(121 * secondMs);
  });

  it.each([
    ['0', 1, 'Created', 0],
    ['1', 10, undefined, 1],
    ['15', 10, 'Created', 0],
  ])(
    '[C3][F2] searches with OutageMinutes %s during an outage of %i minutes',
    async (outageMinutes, forMinutes, source, exitCode) => {
      const site = new SimulatedSite({ faults: [firstCreate({ kind: 'reset', afterWork: true })] });
      const from = site.siteClock.now() + 6 * secondMs;
      site.faults.add({ fault: { kind: 'reset' }, fromMs: from, untilMs: from + forMinutes * minuteMs });
      const run = await gate(
        site,
        { 'JsmChange.OutageMinutes': outageMinutes },
        { at: [[20 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')]] },
      );
      expect(creations(run)).toHaveLength(1);
      expect(run.exitCode).toBe(exitCode);
      expect(run.outputs['ChangeRequest.Source']).toBe(source);
      expect(run.outputs['DecisionCode']).toBe(source === undefined ? 'NotRaised' : 'Approved');
    },
  );

  it('[C3] [F3] ends immediately with LoginFailed if the login is refused during the search', async () => {
    const site = new SimulatedSite({ faults: [firstCreate({ kind: 'reset' })] });
    const fromMs = site.siteClock.now() + 6 * secondMs;
    site.faults.add({ fault: { kind: 'status', status: 401, body: '{"message":"No."}' }, fromMs });
    const run = await gate(site);
    expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'LoginFailed' });
    expect(run.endedAtMs).toBeLessThan(minuteMs);
  });

  it('[C3] is sent again if it cannot have been carried out: after a 429 or a refused connection', async () => {
    const limited = new SimulatedSite({
      faults: [
        {
          fault: { kind: 'status', status: 429, retryAfterSeconds: 7 },
          method: 'POST',
          path: createPath,
          at: 1,
        },
      ],
    });
    const run = await gate(limited, fail);
    expect(run.outputs['ChangeRequest.Source']).toBe('Created');
    const [first, second] = creations(run);
    expect((second?.sentMs ?? 0) - (first?.settledMs ?? 0)).toBeGreaterThanOrEqual(7 * secondMs);

    let refusals = 2;
    const refusing = new SimulatedSite();
    const later = await gate(refusing, fail, {
      failure: ({ method, url }) => {
        if (method !== 'POST' || !createPath.test(new URL(url).pathname) || refusals === 0) return undefined;
        refusals -= 1;
        return 'not-connected';
      },
    });
    expect(later.outputs['ChangeRequest.Source']).toBe('Created');
    expect(refusing.issues()).toHaveLength(1);
  });

  it("[C3] uses another run's change request that turns up, after searching for the run's own", async () => {
    const site = new SimulatedSite(losesCreate);
    const run = await gate(
      site,
      {},
      {
        at: [
          [20_000, () => site.createRequest({ summary: deploymentTitle, lagged: false })],
          [200_000, () => site.moveTo('CHG-1', 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Matched' },
    });
  });

  it.each([
    ['within 30 s, counted from its creation', 5 * secondMs, 'sent', [30, 120], 50],
    // A check in progress delays the second search.
    ['within 30 s by a slow run, counted from its creation', secondMs, 'sent', [30, 123], 2000],
    // Like a retried step, whose first check is due immediately.
    ['later, counted from then', 60 * secondMs, 'found', [28, 118], 50],
  ] as const)(
    '[C3][C4] schedules the searches for racing runs if found %s',
    async (_when, indexLagMs, from, expected, latency) => {
      const site = new SimulatedSite({
        faults: [firstCreate({ kind: 'reset', afterWork: true })],
        indexLagMs,
      });
      const run = await gate(
        site,
        {},
        { latency, at: [[5 * minuteMs, () => site.moveTo('CHG-1', 'Implementing')]] },
      );
      expect(run).toMatchObject({ exitCode: 0, outputs: { 'ChangeRequest.Source': 'Created' } });
      const sentMs = creations(run)[0]?.sentMs ?? 0;
      const foundMs = run.said.find(({ line }) => line.startsWith('Raised the change request'))?.atMs ?? 0;
      const countedFrom = from === 'sent' ? sentMs : foundMs;
      const after = searches(run).filter((search) => search.sentMs > foundMs);
      expect(after.map((search) => Math.round((search.sentMs - countedFrom) / secondMs))).toEqual(expected);
    },
  );

  it('[C3] reports an unknown result if other change requests turn up and disappear before one is chosen', async () => {
    const site = new SimulatedSite(losesCreate);
    const raiseTwo = () => {
      for (let made = 0; made < 2; made += 1) site.createRequest({ summary: deploymentTitle, lagged: false });
    };
    const closeBoth = () => {
      for (const key of ['CHG-1', 'CHG-2']) site.moveTo(key, 'Canceled');
    };
    const run = await gate(
      site,
      {},
      {
        at: [
          [100_000, raiseTwo],
          [133_000, closeBoth],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/did not answer the request to create/);
    expect(creations(run)).toHaveLength(1);
  });

  it("[C1][C3] uses the first change request that turns up if no run line identifies the run's own", async () => {
    const site = new SimulatedSite({
      ...losesCreate,
      projects: [
        { key: 'CHG', serviceDeskId: '10', requestTypes: requestTypesWithForm([{ fieldId: 'summary' }]) },
      ],
    });
    const raise = () =>
      site.createRequest({ summary: deploymentTitle, status: 'Implementing', lagged: false });
    const run = await gate(site, {}, { at: [[20_000, raise]] });
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Matched' },
    });
    expect(run.endedAtMs).toBeLessThan(40 * secondMs);
  });

  it("[C3] reports another run's change request even if it is closed before the 2 minutes are over", async () => {
    const site = new SimulatedSite(losesCreate);
    const run = await gate(
      site,
      {},
      {
        at: [
          [20_000, () => site.createRequest({ summary: deploymentTitle, lagged: false })],
          [60_000, () => site.moveTo('CHG-1', 'Declined')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-1 is Declined, so the deployment is blocked/);
    expect(creations(run)).toHaveLength(1);
  });

  it('[L13] does not use a change request of another space that turns up, approved or not', async () => {
    const site = new SimulatedSite(losesCreate);
    const foreign = {
      summary: deploymentTitle,
      description: 'Octopus run: https://octopus.acme.example Spaces-2 Deployments-7',
      status: 'Implementing',
      lagged: false,
    };
    const run = await gate(site, {}, { at: [[20_000, () => site.createRequest(foreign)]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-1.*Spaces-2.*Spaces-1/);
    expect(creations(run)).toHaveLength(1);
  });

  it('[L8] does not guess between several change requests that turn up', async () => {
    const site = new SimulatedSite(losesCreate);
    const raiseTwo = () => {
      for (const status of ['Implementing', 'Review']) {
        site.createRequest({ summary: deploymentTitle, status, lagged: false });
      }
    };
    const run = await gate(site, {}, { at: [[20_000, raiseTwo]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
    expect(run.resultMessage).toMatch(/CHG-1 \(Implementing\)/);
    expect(run.resultMessage).toMatch(/CHG-2 \(Review\)/);
  });
});

describe('missing prerequisites for creation', () => {
  it('[C5] names a missing request type and lists those that exist', async () => {
    const run = await gate(new SimulatedSite(), { 'JsmChange.RequestType': 'Raise a change' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/"Raise a change"/);
    expect(run.resultMessage).toMatch(/Get IT help \(24\), Request a change \(25\)/);
    expect(creations(run)).toEqual([]);
  });

  it('[C5] names a required field that nothing covers', async () => {
    const site = new SimulatedSite({
      projects: [
        {
          key: 'CHG',
          serviceDeskId: '10',
          requestTypes: requestTypesWithForm([
            ...changeForm,
            { fieldId: 'customfield_10004', required: true },
          ]),
        },
      ],
    });
    const run = await gate(site);
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/Impact \(customfield_10004\)/);
    expect(creations(run)).toEqual([]);
  });

  it.each([400, 404])(
    '[O2] [C5] reports that nothing was raised if Jira answers the create request with %i',
    async (status) => {
      const body = '{"errorMessages":["This request type is not here."],"errors":{}}';
      const site = new SimulatedSite({ faults: [firstCreate({ kind: 'status', status, body })] });
      const run = await gate(site);
      expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error', DecisionCode: 'NotRaised' } });
      expect(run.resultMessage).toMatch(/This request type is not here.*Nothing was raised/);
    },
  );

  it('[C5] names a missing permission to create', async () => {
    const run = await gate(new SimulatedSite({ permissions: { create: false } }));
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/permission to create a request/);
    expect(run.resultMessage).toMatch(/allowed to raise requests in the service project CHG/);
  });

  it('[C5] names a service project that does not exist and lists those that do', async () => {
    const run = await gate(new SimulatedSite(), { 'JsmChange.ServiceProject': 'CHANGE' });
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Error' } });
    expect(run.resultMessage).toMatch(/CHANGE/);
  });

  it('[C5] never raises anything for a supplied number', async () => {
    const run = await gate(new SimulatedSite(), supplied('CHG-4'));
    expect(writes(run)).toEqual([]);
    expect(reads(run, 'CHG-4')).toHaveLength(1);
  });
});

describe('a create request that is put off for minutes', () => {
  it('[C4] [L5] does not raise a second change request next to one that was raised meanwhile', async () => {
    const site = new SimulatedSite();
    site.faults.add(firstCreate({ kind: 'status', status: 429, retryAfterSeconds: 300 }));
    const run = await gate(
      site,
      { 'JsmChange.ApproveTransition': 'Implementing', 'JsmChange.WhenPending': 'Fail' },
      {
        at: [[30_000, raisedMeanwhile(site)]],
      },
    );
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-1']);
    expect(run.outputs['ChangeRequest.Number']).toBe('CHG-1');
  });

  it('[F2] is given up when the outage has lasted for as long as it may, though the searches in between succeed', async () => {
    const site = new SimulatedSite();
    site.faults.add({
      method: 'POST',
      path: /\/servicedeskapi\/request$/,
      fault: { kind: 'status', status: 429, retryAfterSeconds: 30 },
    });
    const run = await gate(site, { 'JsmChange.OutageMinutes': '5' });
    expect(run.outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'Unreachable' });
    expect(run.endedAtMs).toBeLessThan(6 * minuteMs);
    expect(searches(run).length).toBeGreaterThan(10);
    expect(site.issues()).toEqual([]);
  });

  it.each([400, 404])(
    '[1.4] ends as any other search does if the search before another try is answered with %i',
    async (status) => {
      const endsWith = async (isPutOff: boolean): Promise<unknown> => {
        const site = new SimulatedSite();
        const body = `{"errorMessages":["The value 'CHG' does not exist for the field 'project'."],"errors":{}}`;
        const refuseSearches = (): void =>
          site.faults.add({ path: /\/search/, fault: { kind: 'status', status, body } });
        if (!isPutOff) refuseSearches();
        const { outputs } = await gate(
          site,
          {},
          {
            failure: ({ method, url }) => {
              if (method !== 'POST' || !createPath.test(url)) return undefined;
              refuseSearches();
              return 'not-connected';
            },
          },
        );
        return outputs['DecisionCode'];
      };
      expect([await endsWith(false), await endsWith(true)]).toEqual(['InputInvalid', 'InputInvalid']);
    },
  );

  it('[E2] and then not sent is not recorded as if it may have been carried out', async () => {
    const site = new SimulatedSite();
    site.faults.add(firstCreate({ kind: 'status', status: 429, retryAfterSeconds: 300 }));
    const run = await gate(
      site,
      { 'JsmChange.EvidenceRecord': 'True', 'JsmChange.WhenPending': 'Fail' },
      { at: [[30_000, () => site.createRequest({ summary: deploymentTitle, lagged: false })]] },
    );
    const written = entriesOf(leftRecord(run).record, 'write');
    expect(written.map(({ what, result }) => [what, result])).toEqual([['create', 'refused']]);
  });
});

describe('an outage between the last search and the creation', () => {
  it('[C4] [L5] at the read of a closed hit leads to another search', async () => {
    const { site } = siteWith({ status: 'Completed' });
    site.faults.add({
      path: /\/issue\/CHG-1\?/,
      fault: { kind: 'status', status: 503 },
      fromMs: site.siteClock.now() + 1_500,
      untilMs: site.siteClock.now() + 300_000,
    });
    await gate(
      site,
      { 'JsmChange.WhenPending': 'Fail' },
      {
        at: [[30_000, raisedMeanwhile(site)]],
      },
    );
    expect(site.openWithSummary(deploymentTitle).map(({ key }) => key)).toEqual(['CHG-2']);
  });

  it('[L5] at a site that is always slow does not keep the run from raising one', async () => {
    const site = new SimulatedSite();
    const run = await gate(site, { 'JsmChange.WhenPending': 'Fail' }, { latency: 12_000 });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Source': 'Created' });
  });
});
