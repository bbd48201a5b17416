/** One line of the table. */
export interface Row {
  readonly measure: string;
  readonly how: string;
  /** What the figure is compared with, measured in the same run; empty if there is no such value. */
  readonly floor?: string;
  readonly figure: string;
  readonly target: string;
  /** Undefined if not measured, or measured without a target. */
  readonly met?: boolean | undefined;
}

/** A line for something that this machine cannot measure. It never fails the run. */
export function notMeasured(measure: string, how: string, target: string, why: string): Row {
  return { measure, how, figure: `not measured: ${why}`, target };
}

const heads = ['measure', 'how', 'floor', 'figure', 'target', 'met'];

/** Returns the lines as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const cells = rows.map(({ measure, how, floor = '', figure, target, met }) => [
    measure,
    how,
    floor,
    figure,
    target,
    met === undefined ? '' : met ? 'yes' : '**no**',
  ]);
  return [heads, heads.map(() => '---'), ...cells].map(line).join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Formats a number with this many decimal places and its unit. */
export function amount(value: number, unit: string, places = 0): string {
  return `${value.toFixed(places)} ${unit}`;
}
