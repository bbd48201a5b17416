/** The parts of a report of vitest's JSON reporter that are read here. */
interface TestReport {
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: string;
    /** Why the file could not be loaded. */
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * Returns the last lines of a run: each failed test with the command that reruns it, and each reason for
 * skipped tests, which the title of the test or its suite contains as `(skipped: reason)`.
 * @param root the folder of the project, with a trailing slash
 */
export function reportLines({ testResults }: TestReport, root: string): readonly string[] {
  const failed: string[] = [];
  const skips = new Map<string, number>();
  for (const { name, status, message, assertionResults } of testResults) {
    const rerun = `npx vitest run ${name.replace(root, '')}`;
    const broken = assertionResults.filter((test) => test.status === 'failed');
    for (const { fullName } of broken) failed.push(`${rerun} -t ${quoted(`^${escaped(fullName)}$`)}`);
    if (status === 'failed' && broken.length === 0) failed.push(`${rerun}  # ${message.split('\n')[0]}`);
    for (const { fullName } of assertionResults.filter(isSkipped)) {
      const reason = /\(skipped: (.*?)\)/.exec(fullName)?.[1] ?? `no reason given: ${fullName}`;
      skips.set(reason, (skips.get(reason) ?? 0) + 1);
    }
  }
  return [
    ...failed.map((command) => `FAILED   ${command}`),
    ...[...skips].map(([reason, count]) => `skipped  ${count} ${count === 1 ? 'test' : 'tests'}: ${reason}`),
  ];
}

function isSkipped({ status }: { readonly status: string }): boolean {
  return status !== 'passed' && status !== 'failed';
}

/** Escapes a test name: vitest expects a regular expression. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Quotes a text for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
