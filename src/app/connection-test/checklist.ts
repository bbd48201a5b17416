import { attempt, Fault, faultWords } from '../../domain/fault.ts';
import type { Text } from '../../domain/text.ts';

export type TestResult = 'pass' | 'warning' | 'fail';

/** One line of the findings of `Test`. */
export interface TestLine {
  readonly name: string;
  readonly result: TestResult;
  /** What was found and, if it is wrong, what to do. */
  readonly says: Text;
}

/** The result of a check, its message, and its value for the checks that depend on it. */
export type Finding<T = undefined> = readonly [TestResult, Text, T];

/** The checks of one `Test`, in the order in which they were made. */
export class Checklist {
  readonly #lines: TestLine[] = [];

  get lines(): readonly TestLine[] {
    return this.#lines;
  }

  add(...lines: readonly TestLine[]): void {
    this.#lines.push(...lines);
  }

  /**
   * Makes one check.
   * @param onFault the result if the check ends with a fault: `warning` if the step does not depend on it
   * @returns the check's value; undefined after a fault, so that the checks that depend on it are skipped
   */
  async make<T>(
    name: string,
    check: () => Promise<Finding<T>>,
    onFault: 'fail' | 'warning' = 'fail',
  ): Promise<T | undefined> {
    const found = await attempt(check);
    if (found instanceof Fault) {
      this.add({ name, result: onFault, says: faultWords(found) });
      return undefined;
    }
    const [result, says, learned] = found;
    this.add({ name, result, says });
    return learned;
  }
}
