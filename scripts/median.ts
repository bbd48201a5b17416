/** The median: for an even number of values, the mean of the middle two; NaN if there are no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The smallest value that at least this share of the values does not exceed; `1` gives the largest. NaN if
 * there are no values.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * The median of the differences between each value and its partner: a load that slows down both cancels out.
 */
export function medianOver(values: readonly number[], partners: readonly number[]): number {
  return median(values.map((value, index) => value - (partners[index] ?? Number.NaN)));
}
