/** A `Date` header in the one form that servers send (RFC 9110, 5.6.7); undefined when unreadable. */
export function parseHttpDate(header: string | undefined): Date | undefined {
  if (
    header === undefined ||
    !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)
  ) {
    return undefined;
  }
  const ms = Date.parse(header);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}
