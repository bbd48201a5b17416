/** W9: how far the worker's clock may differ from the site's before the difference is reported or doubted. */
const toleranceMs = 60_000;

/** W9: returns how far the worker's clock is off, such as `90 s ahead of`; undefined if only a little. */
export function clockOff(worker: Date, server: Date): string | undefined {
  const offMs = worker.getTime() - server.getTime();
  if (Math.abs(offMs) <= toleranceMs) return undefined;
  return `${Math.round(Math.abs(offMs) / 1000)} s ${offMs > 0 ? 'ahead of' : 'behind'}`;
}
