import { describe, expect, it } from 'vitest';
import { createCaller } from './caller.ts';
import { SettableClock } from './clock.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';
import { olderChangeWorkflow } from './workflow.ts';

const path = '/rest/api/2/issue/CHG-1';

function start(options: SiteOptions = {}): Site {
  const site = createSite({ clock: new SettableClock(), ...options });
  site.createRequest({ summary: 'A change', fields: { 'Planned start': new Date('2026-06-13T00:00:00Z') } });
  return site;
}

function fieldsOf(site: Site, query = ''): Record<string, unknown> {
  return (createCaller(site)('GET', `${path}${query}`).json as { fields: Record<string, unknown> }).fields;
}

describe.each(['cloud', 'dc'] as const)('an issue (%s)', (flavour) => {
  it('gives all fields, unset ones as null, and their names and schema when asked', () => {
    const read = createCaller(start({ flavour }))('GET', `${path}?expand=names,schema`).json;
    expect(read).toMatchObject({
      key: 'CHG-1',
      fields: {
        summary: 'A change',
        customfield_10041: '2026-06-13T02:00:00.000+0200',
        customfield_10042: null,
        status: { name: 'Review', id: '10100', statusCategory: { key: 'new' } },
        issuetype: { name: '[System] Change' },
        project: { key: 'CHG' },
        comment: { total: 0 },
      },
      names: { customfield_10041: 'Planned start', customfield_10042: 'Planned end' },
      schema: { customfield_10041: { type: 'datetime', customId: 10041 } },
    });
  });

  it('gives the fields that are named, leaves out those with a dash, and passes over unknown ones', () => {
    const site = start({ flavour });
    expect(Object.keys(fieldsOf(site, '?fields=summary,nope,status'))).toEqual(['summary', 'status']);
    expect(Object.keys(fieldsOf(site, '?fields=*all,-comment,-description'))).not.toContain('comment');
    expect(Object.keys(fieldsOf(site, '?fields=*all,-comment'))).toContain('description');
  });

  it('answers a key in any case, and an id', () => {
    const site = start({ flavour });
    expect(createCaller(site)('GET', '/rest/api/2/issue/chg-1').json).toMatchObject({ key: 'CHG-1' });
    expect(createCaller(site)('GET', '/rest/api/2/issue/107001').json).toMatchObject({ key: 'CHG-1' });
  });

  it('answers a moved issue under its new key, and never gives the number away again', () => {
    const site = start({ flavour, projects: [{ key: 'CHG' }, { key: 'OPS' }] });
    expect(site.moveIssueToProject('CHG-1', 'OPS')).toBe('OPS-1');
    expect(createCaller(site)('GET', path).json).toMatchObject({
      key: 'OPS-1',
      fields: { project: { key: 'OPS' } },
    });
    expect(site.createRequest({ summary: 'Another' }).key).toBe('CHG-2');
  });

  it('answers 404 for a missing one, a removed one, and without the right to browse', () => {
    const site = start({ flavour });
    const call = createCaller(site);
    expect(call('GET', '/rest/api/2/issue/CHG-2').status).toBe(404);
    site.behaviour.permissions.browse = false;
    expect(call('GET', path).status).toBe(404);
    site.behaviour.permissions.browse = true;
    expect(call('GET', path).status).toBe(200);
    site.remove('CHG-1');
    expect(call('GET', path)).toMatchObject({ status: 404, json: { errors: {} } });
  });

  it('shows each change at once', () => {
    const site = start({ flavour });
    expect(fieldsOf(site)).toMatchObject({ summary: 'A change' });
    site.editSummary('CHG-1', 'Another');
    site.setField('CHG-1', 'Planned end', 'tomorrow');
    site.setField('CHG-1', 'Planned start', null);
    expect(fieldsOf(site)).toMatchObject({
      summary: 'Another',
      customfield_10041: null,
      customfield_10042: 'tomorrow',
    });
  });

  it('edits what is sent, in the forms that Jira takes', () => {
    const site = start({ flavour });
    const manager = flavour === 'cloud' ? { accountId: '712020:cara' } : { name: 'cara' };
    const answer = createCaller(site)('PUT', path, {
      fields: {
        summary: 'Edited',
        customfield_10041: '2026-06-13T10:00:00.000+1000',
        customfield_10005: { value: 'Normal' },
        customfield_10050: [{ id: '10030' }],
        customfield_10051: 12,
        customfield_10052: manager,
        customfield_10053: '2026-06-13',
      },
      update: { labels: [{ add: 'octopus' }] },
    });
    expect(answer).toMatchObject({ status: 204, body: '' });
    expect(fieldsOf(site)).toMatchObject({
      summary: 'Edited',
      customfield_10041: '2026-06-13T02:00:00.000+0200',
      customfield_10005: { id: '10011', value: 'Normal' },
      customfield_10050: [{ value: 'Web' }],
      customfield_10051: 12,
      customfield_10052: { displayName: 'Cara Change' },
      customfield_10053: '2026-06-13',
      labels: ['octopus'],
    });
  });

  it.each([
    ['a summary of 256 characters', { summary: 'x'.repeat(256) }, 'summary'],
    ['a summary with a line end', { summary: 'a\nb' }, 'summary'],
    ['no summary', { summary: '' }, 'summary'],
    ['a date without a time', { customfield_10041: '2026-06-13' }, 'customfield_10041'],
    [
      'a date with a colon in the offset',
      { customfield_10041: '2026-06-13T10:00:00.000+10:00' },
      'customfield_10041',
    ],
    ['an option as a text', { customfield_10005: 'Normal' }, 'customfield_10005'],
    ['an option that is none', { customfield_10005: { value: 'Odd' } }, 'customfield_10005'],
    ['a number as a text', { customfield_10051: '12' }, 'customfield_10051'],
    ['a user that is none', { customfield_10052: { accountId: 'x', name: 'x' } }, 'customfield_10052'],
    ['a label with a space', { labels: ['a b'] }, 'labels'],
    ['an object for a text', { customfield_10055: {} }, 'customfield_10055'],
    ['a field that is read-only', { status: { name: 'Implementing' } }, 'status'],
    ['a field that is none', { customfield_99999: 'x' }, 'customfield_99999'],
  ])('refuses to edit %s, and changes nothing', (_, fields, id) => {
    const site = start({ flavour });
    const answer = createCaller(site)('PUT', path, { fields: { ...fields, description: 'new' } });
    expect(answer.status).toBe(400);
    expect(Object.keys((answer.json as { errors: object }).errors)).toEqual([id]);
    expect(fieldsOf(site)).toMatchObject({ summary: 'A change', description: null });
  });

  it('has no hidden field, nor edits one that is closed', () => {
    const site = start({ flavour, hiddenFields: ['Planned end'], notEditable: ['Planned start'] });
    expect(fieldsOf(site)).not.toHaveProperty('customfield_10042');
    for (const id of ['customfield_10041', 'customfield_10042']) {
      const fields = { [id]: '2026-06-13T10:00:00.000+1000' };
      expect(createCaller(site)('PUT', path, { fields }).status).toBe(400);
    }
  });

  it('offers the transitions of its status and follows one by its id', () => {
    const site = start({ flavour, projects: [{ key: 'CHG', workflow: olderChangeWorkflow }] });
    const call = createCaller(site);
    const offered = call('GET', `${path}/transitions`).json as {
      transitions: { name: string; to: { name: string } }[];
    };
    expect(offered.transitions.map((one) => `${one.name}: ${one.to.name}`)).toEqual([
      'Approve: Planning',
      'Decline: Declined',
      'Emergency override: Awaiting implementation',
      'Cancel: Canceled',
    ]);
    expect(call('POST', `${path}/transitions`, { transition: { id: '11' } }).status).toBe(204);
    expect(fieldsOf(site)).toMatchObject({
      status: { name: 'Planning', statusCategory: { key: 'indeterminate' } },
    });
  });

  it('refuses a transition that its status does not have', () => {
    const answer = createCaller(start({ flavour }))('POST', `${path}/transitions`, {
      transition: { id: '81' },
    });
    expect(answer.status).toBe(flavour === 'cloud' ? 400 : 500);
  });

  it('offers no transition without the right, nor one that a condition hides', () => {
    const site = start({ flavour, hiddenTransitions: ['Canceled'] });
    const call = createCaller(site);
    expect(call('GET', `${path}/transitions`).body).not.toContain('Canceled');
    site.behaviour.permissions.transition = false;
    expect(call('GET', `${path}/transitions`).json).toMatchObject({ transitions: [] });
  });

  it('demands the fields of a transition screen', () => {
    const workflow = {
      ...olderChangeWorkflow,
      transitions: olderChangeWorkflow.transitions.map((one) => ({
        ...one,
        requires: ['customfield_10054'],
      })),
    };
    const call = createCaller(start({ flavour, projects: [{ key: 'CHG', workflow }] }));
    const transition = { id: '11' };
    expect(call('POST', `${path}/transitions`, { transition })).toMatchObject({
      status: 400,
      json: { errors: { customfield_10054: 'Backout plan is required.' } },
    });
    const fields = { customfield_10054: 'Redeploy the last release' };
    expect(call('POST', `${path}/transitions`, { transition, fields }).status).toBe(204);
  });

  it('accepts comments, public unless they are marked internal', () => {
    const site = start({ flavour });
    const properties = [{ key: 'sd.public.comment', value: { internal: true } }];
    createCaller(site)('POST', `${path}/comment`, { body: 'inside', properties });
    createCaller(site)('POST', `${path}/comment`, { body: 'outside' });
    expect(site.issue('CHG-1').comments).toMatchObject([
      { body: 'inside', public: false },
      { body: 'outside', public: true },
    ]);
  });

  it('is padded to the size that a test asks for, and stays JSON', () => {
    const answer = createCaller(start({ flavour, issueBodyBytes: 100_000 }))('GET', `${path}?fields=summary`);
    expect(answer.body.length).toBeLessThan(101_000);
    expect(answer.body.length).toBeGreaterThanOrEqual(100_000);
    expect(answer.json).toMatchObject({ key: 'CHG-1' });
  });

  it('names fields and statuses in the language of the account unless English is forced', () => {
    const translations = { 'Planned start': '開始予定', Review: 'レビュー', 'To Do': '未着手' };
    const call = createCaller(start({ flavour, translations }));
    expect(call('GET', `${path}?expand=names`).json).toMatchObject({
      names: { customfield_10041: '開始予定' },
      fields: { status: { name: 'レビュー', statusCategory: { name: '未着手', key: 'new' } } },
    });
    const headers = { 'x-force-accept-language': 'true', 'accept-language': 'en' };
    expect(call('GET', `${path}?expand=names`, undefined, headers).json).toMatchObject({
      names: { customfield_10041: 'Planned start' },
      fields: { status: { name: 'Review' } },
    });
  });
});

describe('a field that fails to load', () => {
  it('is left out on Cloud, or fails the read with failFast', () => {
    const site = start({ failingFields: ['Planned start'] });
    const call = createCaller(site);
    expect(fieldsOf(site)).not.toHaveProperty('customfield_10041');
    expect(fieldsOf(site)).toHaveProperty('customfield_10042');
    expect(call('GET', `${path}?expand=names`).json).toMatchObject({
      names: { customfield_10041: 'Planned start' },
    });
    site.behaviour.failingFieldNames = 'lost';
    expect(call('GET', `${path}?expand=names`).body).not.toContain('Planned start');
    expect(call('GET', `${path}?failFast=true`).status).toBe(500);
    expect(call('GET', `${path}?failFast=true&fields=summary`).status).toBe(200);
    site.behaviour.failingFields = [];
    expect(call('GET', `${path}?failFast=true`).status).toBe(200);
  });

  it('is left out on Data Center, which has no failFast', () => {
    const site = start({ flavour: 'dc', failingFields: ['Planned start'] });
    expect(fieldsOf(site, '?failFast=true')).not.toHaveProperty('customfield_10041');
  });
});
