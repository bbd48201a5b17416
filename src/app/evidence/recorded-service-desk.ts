import { Fault } from '../../domain/fault.ts';
import type { Clock, ServiceDesk } from '../ports.ts';
import { isoOf, lookupEntry } from './read-entries.ts';
import type { WriteEntry } from './record.ts';
import type { Trail } from './trail.ts';

type Write = Pick<WriteEntry, 'what' | 'key' | 'content'>;

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
  const noted = async <T>(write: Write, act: () => Promise<T>, keyOf?: (answer: T) => string | undefined) => {
    const sentAt = at();
    const note = (result: WriteEntry['result'], key: string | undefined, why?: string): void =>
      trail.note({
        kind: 'write',
        at: sentAt,
        ...write,
        key: key ?? write.key,
        result,
        ...(why !== undefined && { why }),
      });
    try {
      const answer = await act();
      const key = keyOf?.(answer);
      note(keyOf !== undefined && key === undefined ? 'unknown' : 'done', key);
      return answer;
    } catch (error) {
      const isRefused = error instanceof Fault && error.status !== undefined && error.status < 500;
      note(
        isRefused ? 'refused' : 'unknown',
        undefined,
        error instanceof Fault ? error.summary.line : undefined,
      );
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
        (answer) => (answer.kind === 'created' ? answer.key : undefined),
      ),
    edit: (key, values) => noted({ what: 'edit', key, content: values }, () => desk.edit(key, values)),
    editTime: (key, fieldId, time) =>
      noted({ what: 'edit', key, content: { [fieldId]: time } }, () => desk.editTime(key, fieldId, time)),
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
      return noted({ what: 'transition', key, content }, () => desk.transition(key, transition));
    },
  };
}
