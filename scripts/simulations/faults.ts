import fc from 'fast-check';
import { faultCatalogue } from '../../test/sandbox/fault.ts';
import {
  faultScenario,
  type RequiredApproval,
  runFaults,
  unseenApproval,
} from '../../test/simulation/fault-model.ts';
import { type Path, paths, requiredOn, runPath } from '../../test/simulation/one-fault-model.ts';
import type { SimulatedRun } from '../../test/simulation/simulate.ts';
import type { Simulation } from './simulation.ts';

export const faults: Simulation = {
  summary:
    '[F7] every fault at every request of a run, and random sequences of answers and faults: no exit 0 without an approval that the site has shown',
  cases: 100_000,
  judge: async (cases, seed) => {
    const endings = new Map<string, number>();
    const breaches: string[] = [];
    let requests = 0;
    const judge = (name: string, run: SimulatedRun, required?: RequiredApproval): void => {
      requests += run.requests.length;
      const ending = `${name}: ${run.outputs['Decision']}, exit ${run.exitCode}`;
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
      const breach = unseenApproval(run, required);
      if (breach !== undefined) throw new Error(breach);
    };

    let judged = 0;
    for await (const { path, fault, at, run } of everyFaultAtEveryRequest()) {
      judged += 1;
      try {
        judge(`one fault, ${path}`, run, requiredOn(path));
      } catch (error) {
        breaches.push(`${path}, ${fault} at request ${at}: ${(error as Error).message}`);
      }
    }
    const random = await fc.check(
      fc.asyncProperty(faultScenario, async (scenario) =>
        judge(scenario.path, await runFaults(scenario), scenario),
      ),
      { numRuns: cases, seed },
    );
    if (random.failed) breaches.push(fc.defaultReportMessage(random) ?? '');
    return {
      judged: judged + random.numRuns,
      breaches,
      lines: [
        `${judged} runs with one fault, ${random.numRuns} random sequences, ${requests} requests`,
        `exit 0 without an approval that the site has shown to the run inside its window: ${breaches.length}`,
        ...[...endings].sort().map(([ending, times]) => `${ending}: ${times}`),
      ],
      figures: { faults: Object.keys(faultCatalogue).length, paths: paths.length },
    };
  },
};

async function* everyFaultAtEveryRequest(): AsyncGenerator<{
  readonly path: Path;
  readonly fault: string;
  readonly at: number;
  readonly run: SimulatedRun;
}> {
  for (const path of paths) {
    const requests = (await runPath(path)).run.requests.length;
    for (const [name, fault] of Object.entries(faultCatalogue)) {
      for (let at = 1; at <= requests; at += 1) {
        const { run } = await runPath(path, { fault, at });
        yield { path, fault: name, at, run };
      }
    }
  }
}
