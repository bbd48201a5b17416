import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notRequiredReason } from '../../../src/domain/deployment/approval-scope.ts';

const yes = true;
const no = false;

describe('whether approval is required', () => {
  it.each([
    [yes, yes, undefined],
    [yes, no, 'environment-not-controlled'],
    [no, yes, 'project-not-controlled'],
    [no, no, 'project-not-controlled'],
  ])('[S1] project %s, environment %s: %s', (projectControlled, environmentControlled, reason) => {
    for (const runbookControlled of [yes, no]) {
      const scope = { projectControlled, environmentControlled, runbookControlled, isRunbookRun: false };
      expect(notRequiredReason(scope)).toBe(reason);
    }
  });

  it.each([
    [yes, yes, yes, undefined],
    [yes, yes, no, 'runbook-not-controlled'],
    [yes, no, yes, 'environment-not-controlled'],
    [yes, no, no, 'environment-not-controlled'],
    [no, yes, yes, 'project-not-controlled'],
    [no, no, no, 'project-not-controlled'],
  ])(
    '[S2] for a runbook run, project %s, environment %s, runbook %s: %s',
    (projectControlled, environmentControlled, runbookControlled, reason) => {
      expect(
        notRequiredReason({
          projectControlled,
          environmentControlled,
          runbookControlled,
          isRunbookRun: true,
        }),
      ).toBe(reason);
    },
  );

  it('[S1][S2] is required only if everything that the run touches is change controlled', () => {
    const scope = fc.record({
      projectControlled: fc.boolean(),
      environmentControlled: fc.boolean(),
      runbookControlled: fc.boolean(),
      isRunbookRun: fc.boolean(),
    });
    fc.assert(
      fc.property(scope, (given) => {
        const all =
          given.projectControlled &&
          given.environmentControlled &&
          (!given.isRunbookRun || given.runbookControlled);
        expect(notRequiredReason(given) === undefined).toBe(all);
      }),
    );
  });
});
