import { plannedEndId, plannedStartId } from '../../test/sandbox/defaults.ts';
import { markup } from '../../test/sandbox/pages/markup.ts';
import { documentText, standInNotice } from '../../test/sandbox/pages/page.ts';
import { Pages } from '../../test/sandbox/pages/pages.ts';
import { runGate } from './gate-run.ts';
import { approveReview } from './task-summary.ts';

const minuteMs = 60_000;

/**
 * Returns the sandbox's page of a change request that a real run has raised, with half of its approvals
 * given.
 */
export async function changeRequestPage(): Promise<string> {
  const { site } = await runGate({
    acts: [
      [
        'Still pending: Ann Approver',
        (scene) => {
          const { site, clock } = scene;
          clock.advance(5 * minuteMs);
          site.setField('CHG-1', plannedStartId, new Date(clock.now() + 60 * minuteMs));
          site.setField('CHG-1', plannedEndId, new Date(clock.now() + 180 * minuteMs));
          clock.advance(10 * minuteMs);
          approveReview(scene);
          clock.advance(minuteMs);
          site.decide('CHG-1', 'Bob Board', 'approved');
          site.addComment(
            site.issue('CHG-1'),
            site.account('Bob Board'),
            'Fine with me, in the evening.',
            true,
          );
        },
      ],
    ],
    until: 'is Authorize',
    show: () => {},
  });
  const parts = new Pages(site).changeParts(site.issue('CHG-1'));
  return documentText('CHG-1', [standInNotice, markup`<main class="change">${parts}</main>`]);
}
