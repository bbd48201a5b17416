import { type Markup, markup, type Part } from '../../test/sandbox/pages/markup.ts';
import type { TaskRecord } from '../demo/task-record.ts';
import type { Deployment } from './deployment.ts';

/** Renders a line with its links, which Octopus reads as Markdown; only links to web addresses count. */
export function linkedText(text: string): Part {
  const parts: Part[] = [];
  let at = 0;
  for (const found of text.matchAll(/\[([^[\]]*)\]\((https?:\/\/[^()\s]*)\)/g)) {
    const [whole, label = '', address = ''] = found;
    parts.push(text.slice(at, found.index), markup`<a href="${address}">${label}</a>`);
    at = found.index + whole.length;
  }
  return [...parts, text.slice(at)];
}

/** Renders the Task Summary, and the result of a step that failed. */
export function summaryPart({ summary, result }: TaskRecord): Markup {
  const lines = summary.map((text) => markup`<li>${linkedText(text)}</li>`);
  const list = lines.length === 0 ? markup`<p>Nothing yet.</p>` : markup`<ul>${lines}</ul>`;
  const failed =
    result === undefined ? undefined : markup`<h3>Error</h3><p class="failed">${linkedText(result)}</p>`;
  return markup`<section id="summary" data-live aria-label="Task Summary"><h2>Task Summary</h2>${list}${failed}</section>`;
}

/** Renders the task log, to which lines are only ever added. */
export function logPart({ rows, number }: Deployment): Markup {
  const lines = rows.map(({ atMs, kind, name, text }) => {
    const time = new Date(atMs).toISOString().slice(11, 19);
    return markup`<li class="${kind}"><time>${time}</time> <span class="level">${name}</span> ${linkedText(text)}</li>`;
  });
  return markup`<section aria-label="Task log"><h2>Task log (UTC)</h2><ol id="log" role="log" tabindex="0" data-live="log" data-of="${number}">${lines}</ol></section>`;
}

export function outputsPart({ outputs }: TaskRecord): Markup {
  const rows = [...outputs].map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  const list = rows.length === 0 ? markup`<p>Nothing yet.</p>` : markup`<dl>${rows}</dl>`;
  return markup`<section id="outputs" data-live aria-label="Output variables"><h2>Output variables</h2>${list}</section>`;
}
