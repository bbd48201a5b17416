import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plannedEndId, plannedStartId } from '../../sandbox/defaults.ts';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import { defaultProject } from '../../sandbox/project.ts';
import { gateVariables, simulate } from '../../simulation/simulate.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { checks, gate, hourMs, minuteMs, secondMs, supplied } from '../gate-run.ts';

const goLiveId = 'customfield_20001';
const lateId = 'customfield_20002';

/**
 * A change request in Review whose planned fields are unset, and two more fields that can become planned
 * ones.
 */
function siteInReview(): { readonly site: SimulatedSite; readonly key: string } {
  const site = new SimulatedSite({
    projects: [defaultProject, { key: 'OPS' }],
    fields: [
      { id: goLiveId, name: 'Go live', kind: 'datetime' },
      { id: lateId, name: 'Change completion date', kind: 'datetime' },
    ],
    hiddenFields: [lateId],
  });
  const { key } = site.createRequest({ summary: deploymentTitle, status: 'Review' });
  return { site, key };
}

type Change = (site: SimulatedSite, key: string, windowMs: number) => void;

/**
 * The start is this long before an end that is set at the same time: in a window of one instant, two runs
 * never agree.
 */
const windowWidthMs = 5 * minuteMs;

/** The changes that can happen to a change request while a run waits. */
const changes: Readonly<Record<string, Change>> = {
  'Planned end is set': (site, key, windowMs) => {
    site.setField(key, plannedEndId, site.dateIn(windowMs));
  },
  'Planned start is set': (site, key, windowMs) => {
    site.setField(key, plannedStartId, site.dateIn(windowMs - windowWidthMs));
  },
  'Change completion date is added': (site, key, windowMs) => {
    site.behaviour.hiddenFields = [];
    site.setField(key, lateId, site.dateIn(windowMs));
  },
  'a field is renamed to Change completion date': (site, key, windowMs) => {
    site.field(goLiveId).name = 'Change completion date';
    site.setField(key, goLiveId, site.dateIn(windowMs));
  },
  'a field is renamed to Change start date': (site, key, windowMs) => {
    site.field(goLiveId).name = 'Change start date';
    site.setField(key, goLiveId, site.dateIn(windowMs - windowWidthMs));
  },
  'it is moved to a project that is not allowed': (site, key) => {
    site.moveIssueToProject(key, 'OPS');
  },
  'it is moved and gets a planned field there': (site, key, windowMs) => {
    site.moveIssueToProject(key, 'OPS');
    site.behaviour.hiddenFields = [];
    site.setField(key, lateId, site.dateIn(windowMs));
  },
};

describe('a change request that changes while a run waits', () => {
  it.each(Object.entries(changes))('[W8] stops if %s and the window is over', async (what, change) => {
    const isStart = /start/.test(what);
    const { site, key } = siteInReview();
    const run = await gate(
      site,
      { ...supplied(key), 'JsmChange.WaitLimitMinutes': '60' },
      {
        at: [
          [5 * minuteMs, () => change(site, key, isStart ? 2 * hourMs : -hourMs)],
          [10 * minuteMs, () => site.moveTo(key, 'Implementing')],
        ],
      },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { Decision: 'Stop' } });
  });

  it('[W8] a wait that proceeds agrees with a Verify that starts at that moment', async () => {
    const judged = { proceeded: 0, stopped: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...Object.keys(changes)), { maxLength: 2 }),
        fc.constantFrom(-hourMs, -secondMs, 40 * secondMs, 15 * minuteMs, 3 * hourMs),
        fc.constantFrom(30 * secondMs, 5 * minuteMs, 10 * minuteMs - 1, 10 * minuteMs + 1, 11 * minuteMs),
        fc.boolean(),
        async (named, windowMs, changedAtMs, allowsMoves) => {
          const { site, key } = siteInReview();
          const variables = {
            ...supplied(key),
            'JsmChange.WaitLimitMinutes': '60',
            ...(allowsMoves && { 'JsmChange.AllowedProjects': 'OPS' }),
          };
          const run = await gate(site, variables, {
            at: [
              ...named.map((name) => [changedAtMs, () => changes[name]?.(site, key, windowMs)] as const),
              [10 * minuteMs, () => site.moveTo(key, 'Implementing')],
            ],
          });
          // Two fields with the same purpose may have different values by then, which also stops the run.
          if (run.exitCode !== 0) {
            judged.stopped += 1;
            return;
          }
          judged.proceeded += 1;
          const verified = await simulate({
            site,
            variables: gateVariables(site, { ...variables, 'JsmChange.Operation': 'Verify' }),
          });
          expect(verified).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
        },
      ),
      { numRuns: 60 },
    );
    expect(judged.proceeded).toBeGreaterThan(5);
    expect(judged.stopped).toBeGreaterThan(5);
  });

  it('[W8] [P2] reads all fields again only in the check that allows the deployment', async () => {
    const { site, key } = siteInReview();
    const run = await gate(site, supplied(key), {
      at: [[10 * minuteMs, () => site.moveTo(key, 'Implementing')]],
    });
    const whole = checks(run).map(({ query }) => query.includes('names'));
    expect(whole.at(0)).toBe(true);
    expect(whole.at(-1)).toBe(true);
    expect(whole.slice(1, -1)).not.toContain(true);
  });
});
