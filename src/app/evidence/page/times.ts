/** `2026-06-13 10:00:00 UTC` */
export function timeText(at: Date | string | null): string {
  const date = at === null ? new Date(Number.NaN) : new Date(at);
  if (Number.isNaN(date.getTime())) return 'unknown';
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}
