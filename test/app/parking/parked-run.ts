import { type Operation, operate } from '../../operations/operation-run.ts';
import type { SimulatedRun } from '../../simulation/simulate.ts';
import type { SimulatedSite } from '../../simulation/simulated-site.ts';

/** The outputs of a step as later steps of the same run see them. */
export function outputsOf(run: SimulatedRun, step: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(run.outputs).map(([name, value]) => [`Octopus.Action[${step}].Output.${name}`, value]),
  );
}

/** The steps of one run in order: each sees the outputs of those before it. */
export class ParkedRun {
  readonly #site: SimulatedSite;
  readonly #variables: Readonly<Record<string, string>>;
  #outputs: Readonly<Record<string, string>> = {};
  #steps = 0;

  constructor(site: SimulatedSite, variables: Readonly<Record<string, string>> = {}) {
    this.#site = site;
    this.#variables = variables;
  }

  async step(operation: Operation, variables: Readonly<Record<string, string>> = {}): Promise<SimulatedRun> {
    this.#steps += 1;
    const run = await operate(this.#site, operation, {
      ...this.#variables,
      ...this.#outputs,
      ...variables,
    });
    this.#outputs = { ...this.#outputs, ...outputsOf(run, `Step ${this.#steps}`) };
    return run;
  }
}
