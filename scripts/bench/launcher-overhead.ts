import { bundle } from '../../test/black-box/run-action.ts';
import { median } from '../median.ts';
import { bashLauncher } from './bash-launcher.ts';
import type { Launcher } from './launcher.ts';
import { manyVariables } from './octopus-variables.ts';
import { powershellLaunchers } from './powershell-launcher.ts';
import { readyChange } from './ready-change.ts';
import { amount, notMeasured, type Row } from './row.ts';
import { inTurns, nodeProgram, timeToExit } from './timed-process.ts';

const turns = { times: 15, longestMs: 20_000 };
const counts = [40, 200] as const;
const measureOf = ({ name }: Launcher): string => `launcher overhead, ${name}`;
const noTarget = 'none set';

/** Measures the time that the script body adds: the step, minus the start of its engine and the action. */
export async function launcherRows(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const launcher of [bashLauncher(), ...powershellLaunchers()]) {
    for (const count of counts) rows.push(await rowOf(launcher, count));
  }
  return rows;
}

async function rowOf(launcher: Launcher, count: number): Promise<Row> {
  const how = (times: number): string =>
    `${count} Octopus variables, median of ${times}, in turns: the step, minus its engine with an empty body, minus the action without the launcher`;
  if (launcher.missing !== undefined)
    return notMeasured(measureOf(launcher), how(turns.times), noTarget, launcher.missing);
  await launcher.prepare();
  const { sandbox, variables } = await readyChange();
  const step = await launcher.open(manyVariables(variables, count));
  const taken = await inTurns(turns, {
    body: step.body,
    floor: step.floor,
    action: () => timeToExit(nodeProgram([bundle], variables)),
  });
  await step.close();
  await sandbox.close();
  const overheads = taken.body.map(
    (body, turn) => body - (taken.floor[turn] ?? Number.NaN) - (taken.action[turn] ?? Number.NaN),
  );
  return {
    measure: measureOf(launcher),
    how: how(taken.body.length),
    floor: `empty body ${amount(median(taken.floor), 'ms')}, action ${amount(median(taken.action), 'ms')}`,
    figure: `+${amount(median(overheads), 'ms')} of ${amount(median(taken.body), 'ms')}`,
    target: noTarget,
  };
}
