/** Formats an instant as `2026-06-13 10:00:00 UTC`. */
export function timeText(at: Date | string | null): string {
  const date = at === null ? new Date(Number.NaN) : new Date(at);
  if (Number.isNaN(date.getTime())) return 'unknown';
  return `${date.toISOString().slice(0, -5).replace('T', ' ')} UTC`;
}

/** @param start empty if Planned start is not set; likewise `end` */
export function windowText(start: string, end: string): string {
  if (start !== '') return end === '' ? `from ${start}` : `${start} to ${end}`;
  return end === '' ? 'none' : `until ${end}`;
}
