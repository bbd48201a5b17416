import type { ChangeRequest } from '../domain/change/change-request.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { type AskedFor, issueIdentity, issuePath } from './issue.ts';
import type { Session } from './session/session.ts';

/**
 * L16: accepts an issue that answers under another key as moved if its id is that of an earlier check, or if
 * reading the answered id gives the same issue again. Throws a Fault otherwise.
 */
export async function confirmMove(
  session: Session,
  { key: asked, known }: AskedFor,
  { id, key }: Pick<ChangeRequest, 'id' | 'key'>,
): Promise<void> {
  if (key === asked.toUpperCase() || known?.id === id) return;
  const again = await session.call({
    path: issuePath(id, { fields: 'summary' }),
    parse: (json) => issueIdentity(json, { key, known: undefined }),
  });
  if (again.id === id && again.key === key) return;
  throw new Fault(
    'refused',
    text`The site answered the read of ${asked} with the issue ${key}, and the read of its id with ${again.key}: neither answer can be used.`,
    text`Look for a proxy that mixes up Jira's answers.`,
  );
}
