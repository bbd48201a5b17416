import { plannedEndId, plannedStartId } from '../../test/sandbox/defaults.ts';
import { markup } from '../../test/sandbox/pages/markup.ts';
import { documentText } from '../../test/sandbox/pages/page.ts';
import { TaskRecord } from '../demo/task-record.ts';
import { summaryPart } from '../try/task-parts.ts';
import { runGate, type Scene } from './gate-run.ts';

const hourMs = 3_600_000;
const raised = 'Still pending: Ann Approver';

/** Returns the Task Summary of a deployment whose gate waits for approvers. */
export async function waitingSummary(): Promise<string> {
  const record = new TaskRecord();
  await runGate({
    acts: [[raised, approveReview]],
    until: 'is Authorize',
    show: (event) => record.add(event),
  });
  return summaryPage('Executing', record);
}

/** Returns the Task Summary of a deployment that is allowed. */
export async function allowedSummary(): Promise<string> {
  const record = new TaskRecord();
  await runGate({
    acts: [
      [raised, approveReview],
      [
        'is Authorize',
        ({ site, clock }) => {
          site.decide('CHG-1', 'Bob Board', 'approved');
          site.decide('CHG-1', 'Cara Change', 'approved');
          site.setField('CHG-1', plannedStartId, new Date(clock.now() - hourMs));
          site.setField('CHG-1', plannedEndId, new Date(clock.now() + hourMs));
          site.moveTo('CHG-1', 'Implementing');
        },
      ],
    ],
    show: (event) => record.add(event),
  });
  return summaryPage('Success', record);
}

/** Returns the Task Summary of a deployment that an approver has declined. */
export async function refusedSummary(): Promise<string> {
  const record = new TaskRecord();
  await runGate({
    acts: [[raised, ({ site }) => site.decide('CHG-1', 'Ann Approver', 'declined')]],
    show: (event) => record.add(event),
  });
  return summaryPage('Failed', record);
}

export function approveReview({ site }: Scene): void {
  site.decide('CHG-1', 'Ann Approver', 'approved');
  site.moveTo('CHG-1', 'Authorize');
}

function summaryPage(state: 'Executing' | 'Success' | 'Failed', record: TaskRecord): string {
  const title = 'Deploy Web Site release 1.0.1 to Production';
  const category = state === 'Executing' ? 'indeterminate' : 'new';
  return documentText(
    title,
    markup`<main><h1>${title} <span class="badge ${category}">${state}</span></h1>${summaryPart(record)}</main>`,
  );
}
