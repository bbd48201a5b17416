import { startAction } from '../../test/black-box/run-action.ts';
import { readyChange } from './ready-change.ts';
import { amount, type Row } from './row.ts';

const limitMinutes = 1;
const targetMs = 1000;

/**
 * Measures by how much a process whose site never answers exceeds its wait limit, from its start to its exit.
 */
export async function deadlineRows(): Promise<readonly Row[]> {
  const { sandbox, variables } = await readyChange('Review');
  sandbox.site.faults.add({ fault: { kind: 'hang' } });
  const beganAt = performance.now();
  const action = startAction({ ...variables, 'JsmChange.WaitLimitMinutes': String(limitMinutes) });
  const { exitCode, outputs } = await action.ended;
  const overMs = performance.now() - beganAt - limitMinutes * 60_000;
  await sandbox.close();
  const decision = outputs['Decision'] ?? 'no decision';
  return [
    {
      measure: 'deadline overshoot',
      how: `one process with a wait limit of ${limitMinutes} minute in real time, and a site that never answers; it ends with exit code ${exitCode}, ${decision}`,
      figure: amount(overMs, 'ms'),
      target: `at most ${targetMs} ms`,
      met: overMs <= targetMs && exitCode === 1 && decision === 'TimedOut',
    },
  ];
}
