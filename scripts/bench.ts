import { bodyRows } from './bench/bodies.ts';
import { deadlineRows } from './bench/deadline.ts';
import { writeFigures } from './bench/figures-page.ts';
import { launcherRows } from './bench/launcher-overhead.ts';
import { load, machineLines } from './bench/machine.ts';
import { memoryRows } from './bench/memory.ts';
import { parkedPassRows } from './bench/parked-pass.ts';
import { realGateRows } from './bench/real-gates.ts';
import { requestRows } from './bench/requests.ts';
import { markdownTable, type Row } from './bench/row.ts';
import { simulatedRows } from './bench/simulated-rows.ts';
import { startUpRows } from './bench/start-up.ts';
import { runCommand } from './command.ts';

const usage = `Usage: npm run bench -- [--write]

Measures start-up, requests, memory, launcher overhead and more, each with its floor in the same run, and prints a
Markdown table. Takes about three minutes on two quiet cores. Exits with 1 if a target is missed; figures that this
machine cannot measure are listed and do not count as missed.

  --write  also put the table into docs/figures.md`;

const began = performance.now();
const seconds = (): number => Math.round((performance.now() - began) / 1000);

async function measured(what: string, rows: Promise<readonly Row[]>): Promise<readonly Row[]> {
  console.error(`${seconds()} s: ${what}`);
  const done = await rows;
  console.error(`${seconds()} s: ${what}: ${done.map(({ figure }) => figure).join('; ')}`);
  return done;
}

async function inSequence(
  ...simulations: readonly Parameters<typeof simulatedRows>[]
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [name, cases] of simulations) rows.push(...(await measured(name, simulatedRows(name, cases))));
  return rows;
}

await runCommand(
  { usage, options: { write: { type: 'boolean', default: false } } },
  async ({ values: { write } }) => {
    const loadBefore = load();
    const machine = await machineLines();
    // Waits a minute for an answer, using hardly any CPU time.
    const deadline = measured('deadline', deadlineRows());
    // The measurements that need a quiet machine come first, one after the other.
    const startUp = await measured('start-up', startUpRows());
    const launchers = await measured('launchers', launcherRows());
    const requests = await measured('requests', requestRows());
    const parked = await measured('a pass over parked deployments', parkedPassRows());
    const [memory, waits, faults] = await Promise.all([
      measured('memory', memoryRows()),
      inSequence(['day', 1000], ['waits', 40]),
      inSequence(['crowd', 1000], ['faults', 800], ['races', 150]),
    ]);
    const realGates = await measured('real processes', realGateRows());

    const rows = [
      ...startUp,
      ...requests,
      ...memory,
      ...parked,
      ...waits,
      ...realGates,
      ...(await deadline),
      ...faults,
      ...(await bodyRows()),
      ...launchers,
    ];
    const text = [
      ...machine,
      `- measured on ${new Date().toISOString().slice(0, 10)} in ${seconds()} s; load before the run: ${loadBefore}`,
      '',
      markdownTable(rows),
    ].join('\n');
    console.log(text);
    if (write) await writeFigures(text);
    return rows.some(({ met }) => met === false) ? 1 : 0;
  },
);
