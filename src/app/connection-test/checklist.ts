import { attempt, Fault } from '../../domain/fault.ts';
import { type Text, text } from '../../domain/text.ts';

export type CheckResult = 'pass' | 'warning' | 'fail';

/** One line of what `Test` has found. */
export interface Check {
  readonly name: string;
  readonly result: CheckResult;
  /** What was found, and what to do if it is not as it should be. */
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
   * @param onFault what a fault makes of it: `warning` if the step can do without
   * @returns what it has learned; undefined when it failed, so that nothing that depends on it is tried
   */
  async make<T>(
    name: string,
    check: () => Promise<Finding<T>>,
    onFault: 'fail' | 'warning' = 'fail',
  ): Promise<T | undefined> {
    const found = await attempt(check);
    if (found instanceof Fault) {
      this.add({ name, result: onFault, says: text`${found.summary} ${found.advice}` });
      return undefined;
    }
    const [result, says, learned] = found;
    this.add({ name, result, says });
    return learned;
  }
}
