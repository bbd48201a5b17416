import type { ChangeRequest } from '../domain/change/change-request.ts';
import { attempt, Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { type AskedFor, issueIdentity, issuePath } from './issue.ts';
import type { Session } from './session/session.ts';

/**
 * L16: accepts an issue that answers under another key as moved if its id is that of an earlier check, or if
 * reading the answered id gives the same issue again. Throws a Fault otherwise.
 */
export async function confirmMove(
  session: Session,
  { key: asked, earlier }: AskedFor,
  { id, key }: Pick<ChangeRequest, 'id' | 'key'>,
): Promise<void> {
  if (key === asked.toUpperCase() || earlier?.id === id) return;
  const again = await attempt(() =>
    session.call({
      path: issuePath(id, { fields: 'summary' }),
      parse: (json) => issueIdentity(json, { key, earlier: undefined }),
    }),
  );
  // A missing answer is not a missing change request.
  if (again instanceof Fault && again.kind !== 'missing') throw again;
  const shown = again instanceof Fault ? undefined : again;
  if (shown?.id === id && shown.key === key) return;
  throw new Fault(
    'refused',
    text`The site answered the read of ${asked} with the issue ${key}, and the read of its id with ${shown?.key ?? 'a 404'}: neither answer can be used.`,
    text`Look for a proxy that mixes up Jira's answers.`,
  );
}
