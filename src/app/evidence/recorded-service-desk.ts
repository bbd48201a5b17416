import { Fault } from '../../domain/fault.ts';
import type { Text } from '../../domain/text.ts';
import type { Clock, ServiceDesk, WriteAnswer } from '../ports.ts';
import { isoOf, lookupEntry } from './read-entries.ts';
import type { WriteEntry } from './record.ts';
import type { Trail } from './trail.ts';

type Write = Pick<WriteEntry, 'what' | 'key' | 'content'>;

/** What an answer shows about a write. */
type Shown = Pick<WriteEntry, 'result' | 'why'> & Partial<Pick<WriteEntry, 'key'>>;

function lost({ why }: { readonly why: Text }): Shown {
  return { result: 'unknown', why: why.line };
}

function shownByWrite(answer: WriteAnswer): Shown {
  return answer.kind === 'done' ? { result: 'done' } : lost(answer);
}

/**
 * E2: returns the same service desk, which also notes lookup reads, approvals and writes in the trail. A
 * deciding read is noted where it becomes a check.
 * @param title the run's title
 */
export function recordedServiceDesk(
  desk: ServiceDesk,
  trail: Trail,
  clock: Clock,
  title: string,
): ServiceDesk {
  const at = (): string => isoOf(clock.wallTime()) ?? '';
  const noted = async <T>(write: Write, act: () => Promise<T>, shownBy?: (answer: T) => Shown) => {
    const sentAt = at();
    const note = (shown: Shown): void => trail.note({ kind: 'write', at: sentAt, ...write, ...shown });
    try {
      const answer = await act();
      note(shownBy?.(answer) ?? { result: 'done' });
      return answer;
    } catch (error) {
      const isRefused = error instanceof Fault && error.status !== undefined && error.status < 500;
      note({
        result: isRefused ? 'refused' : 'unknown',
        ...(error instanceof Fault && { why: error.summary.line }),
      });
      throw error;
    }
  };
  return {
    ...desk,
    until: (signal) => recordedServiceDesk(desk.until(signal), trail, clock, title),
    glance: async (key, counts) => {
      const before = { steadyMs: clock.now(), wallMs: clock.wallTime().getTime() };
      const changeRequest = await desk.glance(key, counts);
      const { askedAt, answeredAt, serverTime } = changeRequest.answered ?? {
        askedAt: before.steadyMs,
        answeredAt: clock.now(),
        serverTime: undefined,
      };
      const askedAtWallMs = before.wallMs + (askedAt - before.steadyMs);
      trail.note(lookupEntry(changeRequest, { askedAt, answeredAt, askedAtWallMs, serverTime }, title));
      return changeRequest;
    },
    approvals: async (key, effort) => {
      const approvals = await desk.approvals(key, effort);
      trail.approvalsRead(key, at(), approvals);
      return approvals;
    },
    createRequest: (prepared) =>
      noted(
        {
          what: 'create',
          key: null,
          content: { requestTypeId: prepared.requestTypeId, values: prepared.values },
        },
        () => desk.createRequest(prepared),
        (answer) => (answer.kind === 'created' ? { result: 'done', key: answer.key } : lost(answer)),
      ),
    edit: (key, values, isWanted) =>
      noted({ what: 'edit', key, content: values }, () => desk.edit(key, values, isWanted), shownByWrite),
    editTime: (key, fieldId, time, isWanted) =>
      noted(
        { what: 'edit', key, content: { [fieldId]: time } },
        () => desk.editTime(key, fieldId, time, isWanted),
        shownByWrite,
      ),
    addComment: (key, body, audience) =>
      noted({ what: 'comment', key, content: { audience, body } }, () =>
        desk.addComment(key, body, audience),
      ),
    addIssueComment: (key, body, audience) =>
      noted({ what: 'comment', key, content: { audience, body } }, () =>
        desk.addIssueComment(key, body, audience),
      ),
    transition: (key, transition) => {
      const { id, name, to, screen } = transition;
      const content = { id, name, to: to.name, body: screen.body };
      return noted(
        { what: 'transition', key, content },
        () => desk.transition(key, transition),
        shownByWrite,
      );
    },
  };
}
