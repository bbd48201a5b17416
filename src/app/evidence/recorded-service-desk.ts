import { Fault } from '../../domain/fault.ts';
import type { Text } from '../../domain/text.ts';
import { momentOf } from '../check-change-request.ts';
import type { BeforeTry, Clock, CreateAnswer, MayBeSent, ServiceDesk } from '../ports.ts';
import { isoOf, lookupEntry } from './read-entries.ts';
import type { WriteEntry } from './record.ts';
import type { Trail } from './trail.ts';

type Write = Pick<WriteEntry, 'what' | 'key' | 'content'>;

/** What an answer shows about a write. */
type Shown = Pick<WriteEntry, 'result' | 'why'> & Partial<Pick<WriteEntry, 'key'>>;

function lost({ why }: { readonly why: Text }): Shown {
  return { result: 'unknown', why: why.line };
}

function createdBy(answer: CreateAnswer): Shown {
  if (answer.kind === 'created') return { result: 'done', key: answer.key };
  return answer.kind === 'lost' ? lost(answer) : { result: 'refused' };
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
  const noted = async <T>(
    write: Write,
    act: (beforeTry: BeforeTry, asked: MayBeSent) => Promise<T>,
    {
      shownBy,
      mayBeSent,
    }: { readonly shownBy?: (answer: T) => Shown; readonly mayBeSent?: MayBeSent | undefined } = {},
  ) => {
    let sentAt = at();
    const note = (shown: Shown): void => trail.note({ kind: 'write', at: sentAt, ...write, ...shown });
    let isSent = mayBeSent === undefined;
    let isGoingOut = isSent;
    const goesOut: BeforeTry = async () => {
      isSent = true;
      isGoingOut = true;
      sentAt = at();
      return true;
    };
    const asked: MayBeSent = async () => {
      isGoingOut = false;
      return (mayBeSent === undefined || (await mayBeSent())) && goesOut();
    };
    try {
      const answer = await act(goesOut, asked);
      // A try before the one that was not sent may have been carried out.
      if (isSent) note(shownBy?.(answer) ?? { result: isGoingOut ? 'done' : 'unknown' });
      return answer;
    } catch (error) {
      const isRefused =
        isGoingOut && error instanceof Fault && error.status !== undefined && error.status < 500;
      if (isSent) {
        note({
          result: isRefused ? 'refused' : 'unknown',
          ...(error instanceof Fault && { why: error.summary.line }),
        });
      }
      throw error;
    }
  };
  return {
    ...desk,
    until: (signal) => recordedServiceDesk(desk.until(signal), trail, clock, title),
    glance: async (key, counts) => {
      const before = momentOf(clock);
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
    createRequest: (prepared, mayBeSent) =>
      noted(
        {
          what: 'create',
          key: null,
          content: { requestTypeId: prepared.requestTypeId, values: prepared.values },
        },
        (_, asked) => desk.createRequest(prepared, asked),
        { mayBeSent, shownBy: createdBy },
      ),
    edit: (key, values, mayBeSent) =>
      noted({ what: 'edit', key, content: values }, (_, asked) => desk.edit(key, values, asked), {
        mayBeSent,
      }),
    editTime: (key, fieldId, time, mayBeSent) =>
      noted(
        { what: 'edit', key, content: { [fieldId]: time } },
        (_, asked) => desk.editTime(key, fieldId, time, asked),
        { mayBeSent },
      ),
    addComment: (key, body, audience) =>
      noted({ what: 'comment', key, content: { audience, body } }, (beforeTry) =>
        desk.addComment(key, body, audience, beforeTry),
      ),
    addIssueComment: (key, body, audience) =>
      noted({ what: 'comment', key, content: { audience, body } }, (beforeTry) =>
        desk.addIssueComment(key, body, audience, beforeTry),
      ),
    transition: (key, transition) => {
      const { id, name, to, screen } = transition;
      const content = { id, name, to: to.name, body: screen.body };
      return noted(
        { what: 'transition', key, content },
        (beforeTry) => desk.transition(key, transition, beforeTry),
        {
          shownBy: (answer) => (answer.kind === 'done' ? { result: 'done' } : lost(answer)),
        },
      );
    },
  };
}
