/** A `Date` header in the one form that servers send (RFC 9110, 5.6.7), if it is a real date and time of day (W9). */
export function parseHttpDate(header: string | undefined): Date | undefined {
  if (header === undefined) return undefined;
  const at = new Date(header);
  return Number.isNaN(at.getTime()) || at.toUTCString() !== header ? undefined : at;
}
