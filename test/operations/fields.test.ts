import { describe, expect, it } from 'vitest';
import { creations, said, searches } from '../app/gate-run.ts';
import { plannedEndId, plannedStartId } from '../sandbox/defaults.ts';
import type { FormField } from '../sandbox/project.ts';
import { changeForm, requestTypesWithForm } from '../sandbox/project.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';
import { fieldVariable, numberVariable, operate, requestsTo } from './operation-run.ts';

type SiteOptions = NonNullable<ConstructorParameters<typeof SimulatedSite>[0]>;

const fail = { 'JsmChange.WhenPending': 'Fail' };

function siteWithForm(fields: readonly FormField[], options: SiteOptions = {}): SimulatedSite {
  return new SimulatedSite({
    ...options,
    projects: [{ key: 'CHG', requestTypes: requestTypesWithForm(fields) }],
  });
}

const otherFields = [
  'customfield_10004',
  'customfield_10050',
  'customfield_10051',
  'customfield_10052',
  'customfield_10053',
  'customfield_10054',
  'customfield_10055',
  'customfield_10056',
  'customfield_10057',
  'customfield_10058',
  'labels',
  'priority',
].map((fieldId) => ({ fieldId }));

/** The labels as Jira spells them. */
const labels: Readonly<Record<string, string>> = {
  minor: 'Minor',
  '10001': 'Significant',
  'web, billing': 'Web, Billing',
  high: 'High',
};

const everything = [...changeForm, ...otherFields];

/** Raises a change request with these fields; returns what was sent and logged. */
async function raiseWith(
  site: SimulatedSite,
  fields: Readonly<Record<string, string>>,
): Promise<{
  readonly sent: Record<string, unknown>;
  readonly said: string;
  readonly source: string | undefined;
}> {
  const variables = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [fieldVariable(name), value]),
  );
  const run = await operate(site, 'Gate', { ...fail, ...variables });
  const body = JSON.parse(creations(run)[0]?.body ?? '{}') as {
    requestFieldValues?: Record<string, unknown>;
  };
  return {
    sent: body.requestFieldValues ?? {},
    said: [said(run), run.resultMessage].join('\n'),
    source: run.outputs['ChangeRequest.Source'],
  };
}

describe('a field that a variable sets', () => {
  const kinds: readonly (readonly [string, string, string, string, unknown])[] = [
    ['text', 'External reference', 'REF-12', 'customfield_10055', 'REF-12'],
    ['text that looks like JSON', 'External reference', '{"a": [1]}', 'customfield_10055', '{"a": [1]}'],
    ['text that looks like a number', 'external REFERENCE', '007', 'customfield_10055', '007'],
    ['a text of several lines', 'Backout plan', 'one\ntwo', 'customfield_10054', 'one\ntwo'],
    [
      'text that looks like a date-time',
      'External reference',
      '2026-06-13T10:00:00Z',
      'customfield_10055',
      '2026-06-13T10:00:00Z',
    ],
    ['a JSON object', 'Impact', '{"value":"Minor"}', 'customfield_10004', { value: 'Minor' }],
    [
      'a JSON array',
      'Affected services',
      '[{"value":"Web"},{"value":"Billing"}]',
      'customfield_10050',
      [{ value: 'Web' }, { value: 'Billing' }],
    ],
    [
      'an object for a field of another app',
      'Affected hardware',
      ' {"key":"HW-1"} ',
      'customfield_10056',
      { key: 'HW-1' },
    ],
    ['a number', 'Affected users', ' 12.5 ', 'customfield_10051', 12.5],
    ['labels', 'Keywords', 'web, urgent', 'customfield_10058', ['web', 'urgent']],
    ['the labels of Jira', 'labels', 'a\nb', 'labels', ['a', 'b']],
    [
      'a date-time with a colon',
      'Planned start',
      '2026-06-14T10:00:00+10:00',
      plannedStartId,
      '2026-06-14T00:00:00.000+0000',
    ],
    [
      'a date-time in Jira form',
      'Planned start',
      '2026-06-14T10:00:00.000+1000',
      plannedStartId,
      '2026-06-14T00:00:00.000+0000',
    ],
    [
      'a date-time in UTC',
      plannedEndId,
      '2026-06-15T10:00:00Z',
      plannedEndId,
      '2026-06-15T10:00:00.000+0000',
    ],
    ['a date', 'Review by', '2026-06-20', 'customfield_10053', '2026-06-20'],
    ['a user', 'Change manager', '712020:ann', 'customfield_10052', { accountId: '712020:ann' }],
    ['a select by its label', 'impact', 'MINOR ', 'customfield_10004', { id: '10003' }],
    ['a select by its id', 'Impact', '10001', 'customfield_10004', { id: '10001' }],
    [
      'several of a select',
      'Affected services',
      'web, Billing',
      'customfield_10050',
      [{ id: '10030' }, { id: '10032' }],
    ],
    ['a select with children', 'Location', 'Europe', 'customfield_10057', { id: '10040' }],
    ['a priority', 'Priority', 'high', 'priority', { id: '2' }],
  ];

  it.each(kinds)('[C1] is sent as %s', async (_what, name, value, id, sent) => {
    const site = siteWithForm(everything);
    const result = await raiseWith(site, { [name]: value });
    expect(result.source).toBe('Created');
    expect(result.sent[id]).toEqual(sent);
    expect(site.issue('CHG-1').values.has(id)).toBe(true);
  });

  it.each(kinds.filter(([, , , id]) => !changeForm.some(({ fieldId }) => fieldId === id)))(
    '[C1] is set afterwards as %s if the form lacks it',
    async (_what, name, given, id) => {
      // Only a form lists the allowed values: elsewhere a label must be spelled as in Jira.
      const value = labels[given.trim().toLowerCase()] ?? given;
      const site = siteWithForm(changeForm);
      const result = await raiseWith(site, { [name]: value });
      expect(result.source).toBe('Created');
      expect(result.sent).not.toHaveProperty(id);
      expect([name, site.issue('CHG-1').values.has(id)]).toEqual([name, true]);
    },
  );

  it('[C1] stays unchanged as text that looks like a date-time, even if it is set afterwards', async () => {
    const site = siteWithForm(changeForm);
    await raiseWith(site, { 'External reference': '2026-06-13T10:00:00Z', 'Backout plan': '2026-06-13' });
    expect(site.issue('CHG-1').values.get('customfield_10055')).toBe('2026-06-13T10:00:00Z');
    expect(site.issue('CHG-1').values.get('customfield_10054')).toBe('2026-06-13');
  });

  it('[C1] is sent as a user name on Data Center', async () => {
    const site = siteWithForm(everything, { flavour: 'dc' });
    const result = await raiseWith(site, { 'Change manager': 'ann' });
    expect(result.sent['customfield_10052']).toEqual({ name: 'ann' });
    expect(result.source).toBe('Created');
  });

  it.each([
    ['Affected users', 'a few', /a number/],
    ['Planned start', 'tomorrow', /date-time/],
    ['Planned start', '2026-06-14', /date-time/],
    ['Planned start', '2026-06-14T10:00:00', /date-time/],
    ['Review by', '20.06.2026', /date such as/],
    ['Impact', 'Small', /Extensive, Significant, Moderate, Minor/],
    ['Affected services', 'Web, Nothing', /Web, Mobile, Billing/],
  ])('[C5] stops the run before anything is raised with "%s" = "%s"', async (name, value, says) => {
    const site = siteWithForm(everything);
    const result = await raiseWith(site, { [name]: value });
    expect(result.said).toMatch(says);
    expect(site.issues()).toEqual([]);
  });

  it('[C5] is reported with all other problems, and similar names for an unknown one', async () => {
    const site = siteWithForm([...changeForm, { fieldId: 'customfield_10004', required: true }]);
    const result = await raiseWith(site, {
      Impakt: 'Minor',
      customfield_1005: 'x',
      'Affected users': 'many',
      'No such thing at all': 'x',
    });
    expect(result.said).toMatch(/Field\[Impakt\]; similar fields: Impact/);
    expect(result.said).toMatch(/Field\[customfield_1005\]; similar fields: .*customfield_10050/);
    expect(result.said).toMatch(/Field\[Affected users\] accepts a number/);
    expect(result.said).toMatch(
      /Jira has no field "No such thing at all" for Field\[No such thing at all\](?!;)/,
    );
    expect(result.said).toMatch(/requires: Impact \(customfield_10004\)/);
    expect(site.issues()).toEqual([]);
  });

  it('[C5] must be given by id if two fields share its name, unless one of them is on the form', async () => {
    const second = { id: 'customfield_10099', name: 'Impact', kind: 'text' } as const;
    const ambiguous = await raiseWith(siteWithForm(changeForm, { fields: [second] }), { Impact: 'Minor' });
    expect(ambiguous.said).toMatch(/2 fields.*customfield_10004, customfield_10099.*use the id/);
    const site = siteWithForm([...changeForm, { fieldId: 'customfield_10099' }], { fields: [second] });
    expect((await raiseWith(site, { Impact: 'Minor' })).sent['customfield_10099']).toBe('Minor');
  });

  it('[C5] stops the run before anything is raised if a required one is not covered', async () => {
    const form = [
      ...changeForm,
      { fieldId: 'customfield_10004', required: true },
      { fieldId: 'labels', required: true },
    ];
    const site = siteWithForm(form);
    const stopped = await raiseWith(site, { Impact: 'Minor' });
    expect(stopped.said).toMatch(/requires: Labels \(labels\)/);
    expect(stopped.said).not.toMatch(/requires:.*Impact/);
    expect(site.issues()).toEqual([]);
    expect((await raiseWith(site, { Impact: 'Minor', Labels: 'x' })).source).toBe('Created');
  });

  it('[C1] keeps the run line if it is the description', async () => {
    const site = new SimulatedSite();
    await raiseWith(site, { Description: 'Our own words\nOctopus run: https://o Spaces-9 Deployments-9' });
    const lines = String(site.issue('CHG-1').values.get('description')).split('\n');
    expect(lines[0]).toBe('Our own words');
    expect(lines.filter((line) => /^octopus run:/i.test(line))).toEqual([
      'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421',
    ]);
  });

  it('[C1] is set afterwards if it is the description and the form has none', async () => {
    const site = siteWithForm(changeForm.filter(({ fieldId }) => fieldId !== 'description'));
    const result = await raiseWith(site, { description: 'Our own words' });
    expect(result.source).toBe('Created');
    expect(String(site.issue('CHG-1').values.get('description'))).toMatch(/^Our own words/);
  });
});

describe('a field that is set afterwards and refused', () => {
  it.each<[string, SiteOptions]>([
    ['the edit is not permitted', { permissions: { edit: false } }],
    ['it is not on the edit screen', { notEditable: ['Impact'] }],
    ['Data Center does not permit it', { flavour: 'dc', permissions: { edit: false } }],
  ])('[C1] because %s is a warning, and the number is kept', async (_why, options) => {
    const site = siteWithForm(changeForm, options);
    const run = await operate(site, 'Gate', {
      ...fail,
      [fieldVariable('Impact')]: 'Minor',
      [fieldVariable('External reference')]: 'R',
    });
    expect(run.outputs).toMatchObject({ 'ChangeRequest.Number': 'CHG-1', 'ChangeRequest.Source': 'Created' });
    expect(run.warnings.join('\n')).toMatch(/"Impact".*\[CHG-1\].*refused/);
    expect(site.issues()).toHaveLength(1);
  });

  it('[C1] does not keep the other fields from being set', async () => {
    const site = siteWithForm(changeForm, { notEditable: ['Impact'] });
    await operate(site, 'Gate', {
      ...fail,
      [fieldVariable('Impact')]: 'Minor',
      [fieldVariable('External reference')]: 'R',
    });
    expect(site.issue('CHG-1').values.get('customfield_10055')).toBe('R');
  });

  it("[C2] sets a planned field that the form lacks afterwards, in Jira's form", async () => {
    const form = changeForm.filter(({ fieldId }) => fieldId !== plannedStartId);
    const site = siteWithForm(form);
    const run = await operate(site, 'Gate', {
      ...fail,
      [fieldVariable('planned START')]: '2026-06-14T10:00:00+10:00',
    });
    expect(run.outputs['ChangeRequest.PlannedStart']).toBe('2026-06-14T00:00:00Z');
  });

  it('[C2] stops the run if a planned field is refused, since the window would be wrong', async () => {
    const form = changeForm.filter(({ fieldId }) => fieldId !== plannedStartId);
    const site = siteWithForm(form, { notEditable: ['Planned start'] });
    const run = await operate(site, 'Gate', {
      ...fail,
      [fieldVariable('Planned start')]: '2026-06-14T10:00:00+10:00',
    });
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: { Decision: 'Stop', 'ChangeRequest.Number': 'CHG-1' },
    });
    expect(run.resultMessage).toMatch(/Planned start/);
  });
});

describe('a run that raises nothing', () => {
  it('[L1] does not check fields that variables set', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: 'Any', status: 'Implementing' });
    const run = await operate(site, 'Gate', { [numberVariable]: key, [fieldVariable('No such field')]: 'x' });
    expect(run.exitCode).toBe(0);
    // The check, and the approvers for the ending (A3).
    expect(run.requests).toHaveLength(2);
    expect(searches(run)).toEqual([]);
    expect(requestsTo(run, 'GET', /\/field$/)).toEqual([]);
  });
});
