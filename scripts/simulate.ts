import { runCommand, UsageError, wholeNumber } from './command.ts';
import { answers } from './simulations/answers.ts';
import { crowd } from './simulations/crowd.ts';
import { day } from './simulations/day.ts';
import { decisions } from './simulations/decisions.ts';
import { faults } from './simulations/faults.ts';
import { passes } from './simulations/passes.ts';
import { races } from './simulations/races.ts';
import { isProof, type Simulation } from './simulations/simulation.ts';
import { timelines } from './simulations/timelines.ts';
import { waits } from './simulations/waits.ts';

const simulations: Readonly<Record<string, Simulation>> = {
  races,
  waits,
  faults,
  crowd,
  decisions,
  timelines,
  answers,
  passes,
  day,
};

const usage = `Usage: npm run simulate -- NAME [CASES] [SEED]

Runs the whole step many times in virtual time and judges every run by a rule. The simulations:
${Object.entries(simulations)
  .map(([name, { summary, cases }]) => `\n  ${name} [${cases.toLocaleString('en')} cases]\n    ${summary}`)
  .join('\n')}

The number in brackets is the default for CASES. The same SEED repeats the same cases; without SEED it is random. Exits
with 1 if a case breaks its rule, or if no case was judged.

  --json  print the figures as JSON`;

await runCommand(
  { usage, options: { json: { type: 'boolean', default: false } }, mostArguments: 3 },
  async ({ values: { json }, positionals: [name = '', casesText, seedText] }) => {
    const simulation = Object.hasOwn(simulations, name) ? simulations[name] : undefined;
    if (simulation === undefined)
      throw new UsageError(name === '' ? 'NAME is missing' : `Unknown simulation "${name}"`);
    const cases =
      casesText === undefined ? simulation.cases : wholeNumber(casesText, { name: 'CASES', min: 1 });
    const seed =
      seedText === undefined
        ? Date.now() % 1_000_000
        : wholeNumber(seedText, { name: 'SEED', max: 2 ** 31 - 1 });
    const began = performance.now();
    const { judged, breaches, lines, figures } = await simulation.judge(cases, seed);
    const seconds = Math.round((performance.now() - began) / 1000);
    const shown = [
      ...lines,
      ...breaches.slice(0, 5).map((breach) => `BROKEN ${breach}`),
      `${name}: ${judged} cases judged, ${breaches.length} broken (seed ${seed}, ${seconds} s)`,
    ];
    console.log(json ? JSON.stringify({ judged, breaches, figures }) : shown.join('\n'));
    if (judged === 0) console.error('No case was judged, so nothing is proved.');
    return isProof({ judged, breaches }) ? 0 : 1;
  },
);
