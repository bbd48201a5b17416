/** A query that Jira refuses with 400; the message is Jira's. */
export class JqlError extends Error {
  override readonly name = 'JqlError';
}
