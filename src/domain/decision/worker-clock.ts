/** W9: how far the worker's clock and the site's may differ before that is reported or doubted. */
const toleranceMs = 60_000;

/** W9: how far the worker's clock is off, such as `90 s ahead of`; undefined if by little. */
export function clockOff(worker: Date, server: Date): string | undefined {
  const offMs = worker.getTime() - server.getTime();
  if (Math.abs(offMs) <= toleranceMs) return undefined;
  return `${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'ahead of' : 'behind'}`;
}
