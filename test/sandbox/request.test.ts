import { describe, expect, it } from 'vitest';
import { createCaller } from './caller.ts';
import { SettableClock } from './clock.ts';
import { requestTypesWithForm } from './project.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

const path = '/rest/servicedeskapi/request';
const desk = '/rest/servicedeskapi/servicedesk';

function start(options: SiteOptions = {}): Site {
  return createSite({ clock: new SettableClock(), ...options });
}

function raise(site: Site, values: Record<string, unknown>, more: Record<string, unknown> = {}) {
  const body = { serviceDeskId: '10', requestTypeId: '25', requestFieldValues: values, ...more };
  return createCaller(site)('POST', path, body);
}

describe.each(['cloud', 'dc'] as const)('a request (%s)', (flavour) => {
  it('is raised in the first status of its workflow by the account of the login', () => {
    const site = start({ flavour });
    const answer = raise(site, { summary: ' A change ', customfield_10041: '2026-06-13T10:00:00.000+1000' });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      issueKey: 'CHG-1',
      issueId: '107001',
      currentStatus: { status: 'Review' },
    });
    expect(site.issue('CHG-1').reporter).toBe(site.octopus);
    expect(Object.fromEntries(site.issue('CHG-1').values)).toMatchObject({
      summary: 'A change',
      customfield_10041: '2026-06-13T02:00:00.000+0200',
    });
  });

  it('has what this flavour shows, and no more', () => {
    const read = raise(start({ flavour }), { summary: 'A change' }).json as Record<string, object>;
    expect('summary' in read).toBe(flavour === 'cloud');
    expect('statusCategory' in (read['currentStatus'] ?? {})).toBe(flavour === 'cloud');
    expect('agent' in (read['_links'] ?? {})).toBe(flavour === 'cloud');
  });

  it.each([
    ['no summary', {}, 'Summary is required.'],
    ['a summary that is too long', { summary: 'x'.repeat(256) }, '255 characters'],
    [
      'a field that the form lacks',
      { summary: 'a', customfield_10005: { value: 'Normal' } },
      'customfield_10005',
    ],
    [
      'a date in another form',
      { summary: 'a', customfield_10041: '2026-06-13T10:00:00Z' },
      'Error parsing date string',
    ],
  ])('is refused with %s', (_, values, message) => {
    const site = start({ flavour });
    const answer = raise(site, values);
    expect(answer.status).toBe(400);
    expect((answer.json as { errorMessage: string }).errorMessage).toContain(message);
    expect(site.issues()).toEqual([]);
  });

  it.each([
    ['a desk that is none', { serviceDeskId: '99' }, 'Service Desk'],
    ['the desk as a number', { serviceDeskId: 10 }, 'Service Desk'],
    ['a type that is none', { requestTypeId: '99' }, 'request type'],
    ['a member that does not exist', { summary: 'x' }, 'could not be read'],
  ])('is refused for %s', (_, more, message) => {
    const answer = raise(start({ flavour }), { summary: 'a' }, more);
    expect(answer.status).toBe(400);
    expect((answer.json as { errorMessage: string }).errorMessage).toContain(message);
  });

  it('is refused without the right to create', () => {
    const site = start({ flavour, permissions: { create: false } });
    expect(raise(site, { summary: 'a' }).status).toBe(403);
  });

  it('passes through the automations of the site', () => {
    const site = start({
      flavour,
      rewriteSummary: (summary) => `[CHANGE] ${summary}`,
      ignoredOnCreate: ['Planned start'],
      statusOnCreation: 'Planning',
      links: 'smart',
    });
    const description = 'See https://octopus.acme.example for more';
    raise(site, { summary: 'a', description, customfield_10041: '2026-06-13T10:00:00.000+1000' });
    const issue = site.issue('CHG-1');
    expect(issue.status.name).toBe('Planning');
    expect(issue.values.get('summary')).toBe('[CHANGE] a');
    expect(issue.values.has('customfield_10041')).toBe(false);
    expect(issue.values.get('description')).toBe(
      'See [https://octopus.acme.example|https://octopus.acme.example|smart-link] for more',
    );
  });

  it('sets off what a test plans for each new one', () => {
    const clock = new SettableClock();
    const site = createSite({
      flavour,
      clock,
      onCreate: (model, key) => model.after(30_000, (later) => later.moveTo(key, 'Implementing')),
    });
    raise(site, { summary: 'a' });
    clock.advance(29_999);
    expect(site.issue('CHG-1').status.name).toBe('Review');
    clock.advance(60_000);
    expect(site.issue('CHG-1').status.name).toBe('Implementing');
    expect(site.issue('CHG-1').statusChangedMs).toBe(clock.now() - 59_999);
  });

  it('is still shown to its reporter who may not browse the project', () => {
    const site = start({ flavour });
    raise(site, { summary: 'a' });
    site.createRequest({ summary: 'of somebody else' });
    site.behaviour.permissions.browse = false;
    const call = createCaller(site);
    expect(call('GET', `${path}/CHG-1`).status).toBe(200);
    expect(call('GET', `${path}/CHG-2`).status).toBe(404);
    expect(call('GET', '/rest/api/2/issue/CHG-1').status).toBe(404);
  });

  it('accepts comments and lists them by page', () => {
    const site = start({ flavour });
    raise(site, { summary: 'a' });
    const call = createCaller(site);
    expect(call('POST', `${path}/CHG-1/comment`, { body: 'one', public: true }).status).toBe(201);
    expect(call('POST', `${path}/CHG-1/comment`, { body: 'two', public: false }).status).toBe(201);
    expect(call('POST', `${path}/CHG-1/comment`, { body: 'three', public: true }).status).toBe(201);
    expect(call('GET', `${path}/CHG-1/comment?limit=2`).json).toMatchObject({
      size: 2,
      isLastPage: false,
      values: [{ body: 'one' }, { body: 'two', public: false }],
    });
    expect(call('GET', `${path}/CHG-1/comment?limit=2&start=2`).json).toMatchObject({
      size: 1,
      isLastPage: true,
      values: [{ body: 'three' }],
    });
    expect(call('GET', `${path}/CHG-1/comment?internal=false`).json).toMatchObject({ size: 2 });
  });

  it('refuses a comment without public, without text, without the right, and on an issue that no customer raised', () => {
    const site = start({ flavour });
    raise(site, { summary: 'a' });
    site.createRequest({ summary: 'no request', customerRequest: false });
    const call = createCaller(site);
    expect(call('POST', `${path}/CHG-1/comment`, { body: 'one' }).status).toBe(400);
    expect(call('POST', `${path}/CHG-1/comment`, { body: ' ', public: true }).status).toBe(400);
    expect(call('POST', `${path}/CHG-2/comment`, { body: 'one', public: true }).status).toBe(404);
    site.behaviour.permissions.comment = false;
    expect(call('POST', `${path}/CHG-1/comment`, { body: 'one', public: true }).status).toBe(403);
  });

  it('lists approvals, with those who have decided and those who have not', () => {
    const site = start({
      flavour,
      projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver', 'Bob Board'] } }],
    });
    raise(site, { summary: 'a' });
    site.decide('CHG-1', 'Ann Approver', 'approved');
    const call = createCaller(site);
    expect(call('GET', `${path}/CHG-1/approval`).json).toMatchObject({
      values: [
        {
          finalDecision: 'pending',
          approvers: [
            { approver: { displayName: 'Ann Approver' }, approverDecision: 'approved' },
            { approver: { displayName: 'Bob Board' }, approverDecision: 'pending' },
          ],
        },
      ],
    });
    site.decide('CHG-1', 'Bob Board', 'approved');
    expect(call('GET', `${path}/CHG-1/approval`).json).toMatchObject({
      values: [{ finalDecision: 'approved' }],
    });
    expect(site.issue('CHG-1').status.name).toBe('Planning');
    site.behaviour.permissions.seeApprovals = false;
    expect(call('GET', `${path}/CHG-1/approval`).status).toBe(403);
  });

  it('is declined by one of its approvers', () => {
    const site = start({
      flavour,
      projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver', 'Bob Board'] } }],
    });
    raise(site, { summary: 'a' });
    site.decide('CHG-1', 'Bob Board', 'declined');
    expect(site.issue('CHG-1')).toMatchObject({
      status: { name: 'Declined' },
      approvals: [{ finalDecision: 'declined' }],
    });
  });
});

describe.each(['cloud', 'dc'] as const)('a service desk (%s)', (flavour) => {
  it.each(['10', 'CHG', 'projectKey:CHG', 'projectId:10012', 'serviceDeskId:10'])(
    'is found as %s',
    (name) => {
      expect(createCaller(start({ flavour }))('GET', `${desk}/${name}`).json).toMatchObject({
        id: '10',
        projectKey: 'CHG',
        projectName: 'Change management',
      });
    },
  );

  it('answers 404 under another name', () => {
    const call = createCaller(start({ flavour }));
    for (const name of ['11', 'OPS', 'projectKey:OPS', 'other:10']) {
      expect(call('GET', `${desk}/${name}`).status).toBe(404);
    }
  });

  it('can be one that is found only by its number', () => {
    const call = createCaller(start({ flavour, deskIdsOnly: true }));
    expect(call('GET', `${desk}/projectKey:CHG`).status).toBe(404);
    expect(call('GET', `${desk}/CHG`).status).toBe(404);
    expect(call('GET', `${desk}/10`).status).toBe(200);
  });

  it('is listed by page', () => {
    const site = start({
      flavour,
      listPageLimit: 2,
      projects: [{ key: 'ONE' }, { key: 'TWO' }, { key: 'THREE' }],
    });
    const call = createCaller(site);
    expect(call('GET', desk).json).toMatchObject({
      size: 2,
      isLastPage: false,
      values: [{ id: '10' }, { id: '11' }],
    });
    expect(call('GET', `${desk}?start=2&limit=50`).json).toMatchObject({
      size: 1,
      limit: 2,
      isLastPage: true,
    });
  });

  it('lists request types and their forms, without what the site hides', () => {
    const types = requestTypesWithForm([
      { fieldId: 'summary', required: true, label: 'What changes?' },
      { fieldId: 'customfield_10005', required: true },
      { fieldId: 'customfield_10042' },
    ]);
    const site = start({
      flavour,
      hiddenFields: ['Planned end'],
      projects: [{ key: 'CHG', requestTypes: types }],
    });
    const call = createCaller(site);
    expect(call('GET', `${desk}/10/requesttype`).json).toMatchObject({
      values: [{ id: '24' }, { id: '25', name: 'Request a change', issueTypeId: '10005' }],
    });
    expect(call('GET', `${desk}/10/requesttype/25/field`).json).toMatchObject({
      requestTypeFields: [
        { fieldId: 'summary', name: 'What changes?', required: true, validValues: [] },
        {
          fieldId: 'customfield_10005',
          required: true,
          validValues: [{ value: '10010', label: 'Standard' }, { label: 'Normal' }, { label: 'Emergency' }],
          jiraSchema: { type: 'option' },
        },
      ],
    });
    expect(
      (call('GET', `${desk}/10/requesttype/25/field`).json as { requestTypeFields: [] }).requestTypeFields,
    ).toHaveLength(2);
    expect(call('GET', `${desk}/10/requesttype/99/field`).status).toBe(404);
  });
});
