import type { Row } from './row.ts';
import { crowdRows } from './simulations/crowd.ts';
import { faultRows } from './simulations/faults.ts';
import { raceRows } from './simulations/races.ts';
import { waitRows } from './simulations/waits.ts';

/** `tsx simulate.ts waits races`: does these simulations in a process of their own, and prints their rows as JSON. */
const simulations: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  waits: waitRows,
  faults: faultRows,
  races: raceRows,
  crowd: crowdRows,
};

const rows: Row[] = [];
for (const name of process.argv.slice(2)) {
  const rowsOf = simulations[name];
  if (rowsOf === undefined) throw new Error(`There is no simulation ${name}.`);
  rows.push(...(await rowsOf()));
}
process.stdout.write(JSON.stringify(rows));
