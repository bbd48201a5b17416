import type { Transition } from '../app/ports.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { asArray, asObject, asText, need } from '../http/json.ts';
import { untranslated } from './issue.ts';
import { statusAlone } from './session/call.ts';
import type { Session } from './session/session.ts';

export async function transitions(session: Session, key: string): Promise<readonly Transition[]> {
  return session.call({
    method: 'GET',
    path: `/rest/api/2/issue/${encodeURIComponent(key)}/transitions`,
    parse: (json) =>
      need(asArray(asObject(json)?.['transitions']), 'transitions').flatMap((value) => {
        const item = asObject(value);
        const to = asObject(item?.['to']);
        const id = asText(item?.['id']);
        if (id === undefined) return [];
        return [
          {
            id,
            name: asText(item?.['name']) ?? '',
            to: {
              id: asText(to?.['id']) ?? '',
              name: asText(to?.['name']) ?? '',
              ...untranslated(to),
              category: asText(asObject(to?.['statusCategory'])?.['key']) ?? '',
            },
          },
        ];
      }),
  });
}

export async function transition(session: Session, key: string, transitionId: string): Promise<void> {
  const outcome = await session.once({
    method: 'POST',
    path: `/rest/api/2/issue/${encodeURIComponent(key)}/transitions`,
    body: { transition: { id: transitionId } },
    conflictEnds: true,
    ...statusAlone,
  });
  if (outcome.kind === 'lost') {
    throw new Fault(
      'unreachable',
      outcome.why,
      text`Open the change request to see whether its status has changed.`,
    );
  }
}
