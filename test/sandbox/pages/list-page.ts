import { textOf } from '../issue.ts';
import type { Site } from '../site.ts';
import { statusBadge } from './change-page.ts';
import { type Markup, markup } from './markup.ts';

/** Renders all change requests, newest first. */
export function listPart(site: Site, folder: string): Markup {
  const rows = [...site.issues()]
    .reverse()
    .map(
      (issue) =>
        markup`<li><a href="${folder}/${issue.key}">${issue.key}</a> ${statusBadge(issue)} <bdi>${textOf(issue.values, 'summary')}</bdi></li>`,
    );
  const list =
    rows.length === 0
      ? markup`<p>There is none yet. The step raises one for a deployment that needs it.</p>`
      : markup`<ul class="changes">${rows}</ul>`;
  return markup`<section id="changes" data-live aria-label="Change requests"><h1>Change requests</h1>${list}</section>`;
}
