import { Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';

export type CheckResult = 'pass' | 'warning' | 'fail';

/** One line of what `Test` has found. */
export interface Check {
  readonly name: string;
  readonly result: CheckResult;
  /** What was found, and what to do where it is not as it should be. */
  readonly says: Text;
}

/** The result of a check, what it says, and what it has learned for those that depend on it. */
export type Finding<T = undefined> = readonly [CheckResult, Text, T];

/** The checks of one `Test`, in the order in which they were made. */
export class Checklist {
  readonly #checks: Check[] = [];

  get checks(): readonly Check[] {
    return this.#checks;
  }

  add(...checks: readonly Check[]): void {
    this.#checks.push(...checks);
  }

  /**
   * Makes one check.
   * @param onFault what a fault makes of it: `warning` where the step does without
   * @returns what it has learned; undefined when it failed, so that nothing that depends on it is tried
   */
  async make<T>(
    name: string,
    attempt: () => Promise<Finding<T>>,
    onFault: 'fail' | 'warning' = 'fail',
  ): Promise<T | undefined> {
    try {
      const [result, says, learned] = await attempt();
      this.add({ name, result, says });
      return learned;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.add({ name, result: onFault, says: text`${error.summary} ${error.advice}` });
      return undefined;
    }
  }
}
