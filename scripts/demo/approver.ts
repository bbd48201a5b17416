import { plannedEndId, plannedStartId } from '../../test/sandbox/defaults.ts';
import type { Issue } from '../../test/sandbox/issue.ts';
import type { ChangeModel } from '../../test/sandbox/model.ts';
import type { ProjectOptions } from '../../test/sandbox/project.ts';

/** The service project of the demo, with the approvers of each status. */
export const serviceProject: ProjectOptions = {
  key: 'CHG',
  name: 'Change management',
  issueTypes: [
    { id: '10005', name: 'Change' },
    { id: '10006', name: 'Service request' },
  ],
  approvals: { Review: ['Ann Approver'], Authorize: ['Bob Board', 'Cara Change'] },
};

const secondMs = 1000;
/** How long before Planned start the change request is approved. */
const earlyMs = 5 * secondMs;
const windowMs = 2 * 3600 * secondMs;

/**
 * Plays the people who move a new change request through its workflow, a few seconds apart.
 * @param tell receives what somebody does, at the moment when the step can see it
 */
export function playApprovers(model: ChangeModel, key: string, tell: (what: string) => void): void {
  const act = (afterMs: number, what: () => string): void => {
    model.after(afterMs, () => tell(what()));
  };
  const moved = (): string => `${key} is now ${model.issue(key).status.name}`;
  act(2.5 * secondMs, () => {
    model.decide(key, 'Ann Approver', 'approved');
    return `Ann Approver approves the review: ${moved()}`;
  });
  act(4.5 * secondMs, () => {
    model.moveTo(key, 'Authorize');
    return `Ann Approver asks the board: ${moved()}`;
  });
  act(6.5 * secondMs, () => {
    model.decide(key, 'Bob Board', 'approved');
    return `Bob Board approves; ${moved().replace('now', 'still')}`;
  });
  act(8.5 * secondMs, () => {
    model.decide(key, 'Cara Change', 'approved');
    return `Cara Change approves: ${moved()}`;
  });
  act(10.5 * secondMs, () => {
    const startMs = Math.ceil((model.now() + earlyMs) / secondMs) * secondMs;
    model.setField(key, plannedStartId, new Date(startMs));
    model.setField(key, plannedEndId, new Date(startMs + windowMs));
    model.moveTo(key, 'Implementing');
    const start = new Date(startMs).toISOString().replace('.000', '');
    return `Cara Change sets Planned start to ${start} and starts the implementation: ${moved()}`;
  });
}

/** Formats the comments on a change request as the customer portal shows them. */
export function commentLines({ comments }: Issue): string[] {
  return comments.flatMap(({ author, body, public: isPublic }, index) => [
    ...(index === 0 ? [] : ['']),
    `${author.displayName} (${isPublic ? 'public' : 'internal'}):`,
    ...body.split('\n').map((line) => `  ${line}`),
  ]);
}
