import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnnouncedEvent,
  announcedBy,
  announcementText,
  durationText,
} from '../../../src/domain/deployment/announcement.ts';
import type { DeploymentFacts } from '../../../src/domain/deployment/deployment-facts.ts';
import type { OctopusRun } from '../../../src/domain/deployment/run-line.ts';

const facts: DeploymentFacts = {
  project: 'Web Site',
  release: '1.0.1',
  environment: 'Production',
  runbook: '',
  isRunbookRun: false,
  tenant: 'Acme',
  tenantTags: 'Region/EU',
  requester: 'Ada Example',
  taskUrl: 'https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-7',
  error: '',
};

const run: OctopusRun = {
  serverUri: 'https://octopus.acme.example',
  spaceId: 'Spaces-1',
  runId: 'Deployments-101',
};

const at = new Date('2026-06-13T10:00:00Z');
const events: readonly AnnouncedEvent[] = ['wait-begins', 'deployment-starts', 'deployment-ends'];

describe('the comment on the change request', () => {
  it('[V3] names project, release, environment, tenant with tags, requester and time, and links to the task', () => {
    expect(announcementText({ event: 'deployment-starts', at }, facts, run).split('\n')).toEqual([
      'This change is approved and inside its window: the deployment is starting.',
      '',
      'Project: Web Site',
      'Release: 1.0.1',
      'Environment: Production',
      'Tenant: Acme (Region/EU)',
      'Requested by: Ada Example',
      'Time: 2026-06-13T10:00:00Z',
      'Task: https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-7',
      '',
      'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101 (started)',
    ]);
  });

  it.each([
    [{ tenantTags: '' }, 'Tenant: Acme'],
    [{ tenant: '', tenantTags: 'Region/EU' }, undefined],
  ])('[V3] shows a tenant with %j as %s', (lack, line) => {
    const lines = announcementText({ event: 'deployment-starts', at }, { ...facts, ...lack }, run).split(
      '\n',
    );
    expect(lines.find((each) => each.startsWith('Tenant'))).toBe(line);
  });

  it('[X1] breaks up an email link but keeps its words', () => {
    const names = { ...facts, requester: 'MAILTO:ada@acme.example, or mailto: Ada' };
    const text = announcementText({ event: 'deployment-starts', at }, names, run);
    expect(text).toContain('\nRequested by: MAILTO: ada@acme.example, or mailto: Ada\n');
  });

  it('[V3] gives the duration of a failed deployment and the first line of the error', () => {
    const text = announcementText(
      { event: 'deployment-ends', result: 'failed', at: undefined, lastedMs: 200_000 },
      { ...facts, error: 'Step 2 failed' },
      run,
    );
    expect(text).toContain('The deployment failed.');
    expect(text).toContain('Duration: 3 min 20 s');
    expect(text).toContain('Error: Step 2 failed');
    expect(text).not.toContain('Time:');
  });

  it.each([
    ['succeeded', 'The deployment succeeded.'],
    ['ended', 'The deployment ended.'],
    [
      'went-on-unapproved',
      'The deployment went ahead without the approval of this change, and ended without an error.',
    ],
    [undefined, 'The deployment ended.'],
  ] as const)('[V2] for the result %s says "%s", without an error', (result, headline) => {
    const announcement = { event: 'deployment-ends' as const, at, ...(result !== undefined && { result }) };
    const text = announcementText(announcement, { ...facts, error: 'left over' }, run);
    expect(text.split('\n')[0]).toBe(headline);
    expect(text).not.toContain('left over');
  });

  it('[E4] contains the digest of the change record above the run line, if there is one', () => {
    const announcement = { event: 'deployment-ends', result: 'succeeded', at } as const;
    const lines = (recordDigest?: string) =>
      announcementText({ ...announcement, recordDigest }, facts, run).split('\n');
    expect(lines('ab12').slice(-3)).toEqual([
      'Change record (SHA-256 up to this comment): ab12',
      '',
      'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101 (ended)',
    ]);
    expect(lines().filter((line) => line.startsWith('Change record'))).toEqual([]);
  });

  it('[V3] names the runbook of a runbook run, and omits what is missing', () => {
    const text = announcementText(
      { event: 'wait-begins', at: undefined },
      {
        ...facts,
        isRunbookRun: true,
        runbook: 'Rotate',
        release: '',
        tenant: '',
        requester: '',
        taskUrl: '',
      },
      run,
    );
    expect(text.split('\n')).toEqual([
      'The runbook run is waiting for this change to be approved and for its planned start.',
      '',
      'Project: Web Site',
      'Runbook: Rotate',
      'Environment: Production',
      '',
      'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101 (waiting)',
    ]);
  });

  it('[X1] lets no text from Octopus add mark-up, a mention, a link, a line or a run line', () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '[~admin]',
            '{code}',
            '!x!',
            '|',
            '\n',
            '\r\n',
            '\u2028',
            'https://evil.example',
            '\\',
          ),
          fc.constantFrom(
            'Octopus run: https://evil.example Spaces-9 Deployments-9 (ended)',
            '(ended)',
            'mailto:x',
          ),
          fc.string({ unit: 'binary', maxLength: 5 }),
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.constantFrom(...events), (project, tenant, error, event) => {
        const said = { ...facts, project, tenant, error };
        const text = announcementText({ event, result: 'failed', at }, said, run);
        const lines = text.split('\n');
        const own = announcementText(
          { event, result: 'failed', at },
          { ...said, project: 'x', tenant: 'x', error: 'x' },
          run,
        );
        expect(lines.length).toBeLessThanOrEqual(own.split('\n').length);
        const rest = lines
          .filter((line) => !line.startsWith('Task: ') && !line.startsWith('Octopus run: '))
          .join('\n');
        expect(rest).not.toContain('://');
        expect(rest.replace(/\\[{}[\]!|]/g, '')).not.toMatch(/[{}[\]!|\\\r\u2028\u2029]/);
        expect(announcedBy(text, run)).toBe(event);
        expect(lines.filter((line) => /^\s*octopus run:/i.test(line))).toHaveLength(1);
      }),
    );
  });
});

describe('a comment of an earlier attempt', () => {
  it.each(events)('[V3] is recognized by the run that wrote it: %s', (event) => {
    const text = announcementText({ event, at }, facts, run);
    expect(announcedBy(text, run)).toBe(event);
    expect(announcedBy(`${text}\r\n\r\n`, run)).toBe(event);
    expect(announcedBy(`${text} \n  \n`, run)).toBe(event);
    const unknowing = { ...run, serverUri: '' };
    expect(announcedBy(announcementText({ event, at }, facts, unknowing), unknowing)).toBe(event);
    expect(announcedBy(text.replaceAll('\n', '\r\n'), run)).toBe(event);
    const linked = text.replace(
      `run: ${run.serverUri}`,
      `run: [${run.serverUri}|${run.serverUri}|smart-link]`,
    );
    expect(announcedBy(linked, run)).toBe(event);
  });

  it.each([
    { ...run, runId: 'Deployments-102' },
    { ...run, runId: 'Deployments-10' },
    { ...run, spaceId: 'Spaces-2' },
    { ...run, serverUri: 'https://test.acme.example' },
    { ...run, runId: '' },
  ])('[V3] does not belong to another run: %j', (other) => {
    const text = announcementText({ event: 'wait-begins', at }, facts, run);
    expect(announcedBy(text, other)).toBeUndefined();
  });

  it.each([
    '',
    'Please hurry.',
    'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101',
    'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101 (paused)',
    'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101 (waiting)\nand more',
    '(waiting)',
  ])('[V3] "%s" belongs to no run', (comment) => {
    expect(announcedBy(comment, run)).toBeUndefined();
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [499, '0 s'],
    [45_000, '45 s'],
    [59_600, '1 min 0 s'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h 0 min'],
    [3_900_000, '1 h 5 min'],
    [90_000_000, '25 h 0 min'],
  ])('%i ms is shown as %s', (ms, words) => {
    expect(durationText(ms)).toBe(words);
  });
});
