/** The two change workflows that Jira Service Management ships, old (A) and new (B). */

export type CategoryKey = 'new' | 'indeterminate' | 'done';

export interface Category {
  id: number;
  key: CategoryKey;
  colorName: string;
  name: string;
}

export const categories: Record<CategoryKey, Category> = {
  new: { id: 2, key: 'new', colorName: 'blue-gray', name: 'To Do' },
  indeterminate: { id: 4, key: 'indeterminate', colorName: 'yellow', name: 'In Progress' },
  done: { id: 3, key: 'done', colorName: 'green', name: 'Done' },
};

export interface Status {
  id: string;
  name: string;
  category: Category;
}

export interface Transition {
  id: string;
  /** Not unique: several transitions may share a name and lead to different statuses. */
  name: string;
  /** Status names; `*` for a transition from any status. */
  from: readonly string[];
  to: string;
  /** Fields (id or name) that the transition's screen requires: each needs a value unless the issue has one. */
  requires?: readonly string[];
  /** Required fields that the screen fills in if they get no value, with their defaults. */
  defaults?: Readonly<Record<string, unknown>>;
  /** Further fields on the screen. */
  shows?: readonly string[];
}

export interface Workflow {
  statuses: readonly Status[];
  /** The first status of a new issue. */
  initial: string;
  transitions: readonly Transition[];
}

type StatusRow = readonly [id: string, name: string, category: CategoryKey];
type TransitionRow = readonly [id: string, name: string, from: readonly string[], to: string];

/** Creates a workflow from its rows. The first status is the initial one. */
export function createWorkflow(
  statusRows: readonly StatusRow[],
  transitionRows: readonly TransitionRow[],
): Workflow {
  return {
    statuses: statusRows.map(([id, name, category]) => ({ id, name, category: categories[category] })),
    initial: statusRows[0]?.[1] ?? '',
    transitions: transitionRows.map(([id, name, from, to]) => ({ id, name, from, to })),
  };
}

const peerReview = 'Peer review / change manager approval';

/** A: the older template, of Data Center and of Cloud projects from before 2020. */
export const olderChangeWorkflow: Workflow = createWorkflow(
  [
    ['10000', peerReview, 'new'],
    ['10001', 'Planning', 'indeterminate'],
    ['10002', 'Awaiting CAB approval', 'indeterminate'],
    ['10003', 'Awaiting implementation', 'indeterminate'],
    ['3', 'Implementing', 'indeterminate'],
    ['10004', 'Pending', 'indeterminate'],
    ['5', 'Resolved', 'done'],
    ['10005', 'Completed', 'done'],
    ['6', 'Closed', 'done'],
    ['10006', 'Declined', 'done'],
    ['10007', 'Canceled', 'done'],
  ],
  [
    ['11', 'Approve', [peerReview], 'Planning'],
    ['21', 'Approve', ['Awaiting CAB approval'], 'Awaiting implementation'],
    ['31', 'Decline', [peerReview, 'Awaiting CAB approval'], 'Declined'],
    ['41', 'Emergency override', [peerReview, 'Awaiting CAB approval'], 'Awaiting implementation'],
    ['51', 'Ready for CAB approval', ['Planning'], 'Awaiting CAB approval'],
    ['61', 'Ready for implementation', ['Planning', 'Pending'], 'Awaiting implementation'],
    ['71', 'Start implementation', ['Awaiting implementation'], 'Implementing'],
    ['81', 'Change completed', ['Implementing'], 'Resolved'],
    ['91', 'Pending', ['Planning', 'Awaiting implementation', 'Implementing'], 'Pending'],
    ['101', 'Back to planning', ['Awaiting CAB approval', 'Awaiting implementation', 'Pending'], 'Planning'],
    [
      '111',
      'Cancel',
      [peerReview, 'Planning', 'Awaiting CAB approval', 'Awaiting implementation', 'Pending'],
      'Canceled',
    ],
    ['121', 'Close', ['Resolved', 'Completed', 'Declined', 'Canceled'], 'Closed'],
  ],
);

/** B: the template from 2020 on. */
export const changeWorkflow: Workflow = createWorkflow(
  [
    ['10100', 'Review', 'new'],
    ['10101', 'Planning', 'indeterminate'],
    ['10102', 'Authorize', 'indeterminate'],
    ['10103', 'Awaiting implementation', 'indeterminate'],
    ['10104', 'Implementing', 'indeterminate'],
    ['10105', 'Pending', 'indeterminate'],
    ['10106', 'Completed', 'done'],
    ['10107', 'Failed', 'done'],
    ['10108', 'Declined', 'done'],
    ['10109', 'Canceled', 'done'],
    ['10110', 'Closed', 'done'],
  ],
  [
    ['11', 'Approve', ['Review'], 'Planning'],
    ['21', 'Approve', ['Authorize'], 'Awaiting implementation'],
    ['31', 'Decline', ['Review', 'Authorize'], 'Declined'],
    ['41', 'Request approval', ['Planning'], 'Authorize'],
    ['51', 'Start implementation', ['Awaiting implementation'], 'Implementing'],
    ['61', 'Implement standard change', ['Review', 'Planning'], 'Implementing'],
    ['71', 'Ready for implementation', ['Planning', 'Pending'], 'Awaiting implementation'],
    ['81', 'Complete', ['Implementing'], 'Completed'],
    ['91', 'Implementation failed', ['Implementing'], 'Failed'],
    ['101', 'Pending', ['Planning', 'Authorize', 'Awaiting implementation', 'Implementing'], 'Pending'],
    [
      '111',
      'Back to planning',
      ['Authorize', 'Awaiting implementation', 'Implementing', 'Pending'],
      'Planning',
    ],
    ['121', 'Cancel', ['Review', 'Planning', 'Authorize', 'Awaiting implementation', 'Pending'], 'Canceled'],
    ['131', 'Close', ['Completed', 'Failed', 'Declined', 'Canceled'], 'Closed'],
  ],
);

/** Returns the transitions out of a status. */
export function transitionsFrom(workflow: Workflow, status: string): readonly Transition[] {
  return workflow.transitions.filter((one) => one.from.includes(status) || one.from.includes('*'));
}
