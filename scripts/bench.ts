/**
 * `npm run bench`: the figures that the project has set itself, each beside its floor in the same run, as a Markdown
 * table; `npm run bench -- --write` puts them into `docs/figures.md` too. Under three minutes. Ends with 1 when a target
 * is missed; what a machine cannot measure is said and fails nothing.
 */
import { parseArgs } from 'node:util';
import { bodyRows } from './bench/bodies.ts';
import { deadlineRows } from './bench/deadline.ts';
import { writeFigures } from './bench/figures-page.ts';
import { launcherRows } from './bench/launcher-overhead.ts';
import { load, machineLines } from './bench/machine.ts';
import { memoryRows } from './bench/memory.ts';
import { realGateRows } from './bench/real-gates.ts';
import { requestRows } from './bench/requests.ts';
import { markdownTable, type Row } from './bench/row.ts';
import { simulatedRows } from './bench/simulated.ts';
import { startUpRows } from './bench/start-up.ts';

const { values: options } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

const began = performance.now();
const seconds = (): number => Math.round((performance.now() - began) / 1000);

async function told(what: string, rows: Promise<readonly Row[]>): Promise<readonly Row[]> {
  process.stderr.write(`${seconds()} s: ${what}\n`);
  const done = await rows;
  process.stderr.write(`${seconds()} s: ${what}: ${done.map(({ figure }) => figure).join('; ')}\n`);
  return done;
}

const loadBefore = load();
const machine = await machineLines();
// Waits a minute for an answer, and takes nothing meanwhile.
const deadline = told('deadline', deadlineRows());
// What needs a quiet machine comes first, one after the other.
const startUp = await told('start-up', startUpRows());
const launchers = await told('launchers', launcherRows());
const requests = await told('requests', requestRows());
const [memory, waits, faults] = await Promise.all([
  told('memory', memoryRows()),
  told('waits and crowd', simulatedRows('waits', 'crowd')),
  told('faults and races', simulatedRows('faults', 'races')),
]);
const realGates = await told('real processes', realGateRows());

const rows = [
  ...startUp,
  ...requests,
  ...memory,
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
if (options.write) await writeFigures(text);
if (rows.some(({ met }) => met === false)) process.exitCode = 1;
