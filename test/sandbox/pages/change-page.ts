import { plannedEndId, plannedStartId } from '../defaults.ts';
import { type Approval, type Issue, textOf } from '../issue.ts';
import { parseJiraDate } from '../jira-date.ts';
import type { Site } from '../site.ts';
import { type Markup, markup, type Part } from './markup.ts';
import type { Outage } from './outage.ts';

/** Renders a button in its own form, so that it works without scripts. */
export function button(
  action: string,
  label: string,
  values: Readonly<Record<string, string>>,
  { id, kind = 'plain' }: { id: string; kind?: 'plain' | 'good' | 'bad' },
): Markup {
  const inputs = Object.entries(values).map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`,
  );
  return markup`<form method="post" action="${action}">${inputs}<button id="${id}" class="${kind}">${label}</button></form>`;
}

function timeOf(ms: number): Markup {
  const iso = new Date(ms).toISOString();
  return markup`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

export function statusBadge({ status }: Issue): Markup {
  return markup`<span class="badge ${status.category.key}">${status.name}</span>`;
}

/** Renders the change request, and what can be done to it and its site. `folder` is the path of the pages. */
export function changeParts(site: Site, issue: Issue, outage: Outage, folder: string): Part {
  const action = `${folder}/${issue.key}`;
  return [
    factsPart(site, issue),
    approvalsPart(issue, action),
    movesPart(site, issue, action),
    windowPart(site, action),
    outagePart(outage, folder),
    textPart('description', 'Description', textOf(issue.values, 'description')),
    commentsPart(issue),
    historyPart(issue),
  ];
}

/** Renders the button that breaks the site, and the one that repairs it. */
export function outagePart(outage: Outage, folder: string): Markup {
  const action = `${folder}/outage`;
  const endsMs = outage.endsMs;
  const [state, act] =
    endsMs === undefined
      ? [
          markup`The site answers.`,
          button(action, 'Break the site for a minute', { what: 'begin' }, { id: 'outage', kind: 'bad' }),
        ]
      : [
          markup`<strong>The site is down</strong> until ${timeOf(endsMs)}. Requests of the step that it has answered with 503: ${outage.brokenCount}.`,
          button(action, 'Repair the site', { what: 'end' }, { id: 'outage', kind: 'good' }),
        ];
  return markup`<section id="site" data-live aria-label="The site"><h2>The site</h2><p>${state}</p>${act}</section>`;
}

function factsPart(site: Site, issue: Issue): Markup {
  const type = issue.project.issueTypes.find(({ id }) => id === issue.issueTypeId)?.name;
  const rows: readonly (readonly [string, Part])[] = [
    ['Status', statusBadge(issue)],
    ...(hasWindow(site)
      ? ([
          ['Planned start', plannedTime(issue, plannedStartId)],
          ['Planned end', plannedTime(issue, plannedEndId)],
        ] as const)
      : []),
    ['Type', type],
    ['Raised', markup`${timeOf(issue.createdMs)} by ${issue.reporter.displayName}`],
  ];
  const list = rows.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return markup`<section id="facts" data-live aria-label="Change request"><h1><span class="key">${issue.key}</span> <bdi>${textOf(issue.values, 'summary')}</bdi></h1><dl>${list}</dl></section>`;
}

function hasWindow(site: Site): boolean {
  return site.fields.some(({ id }) => id === plannedStartId);
}

function plannedTime(issue: Issue, fieldId: string): Part {
  return valuePart(textOf(issue.values, fieldId));
}

/** Renders a time in UTC, like all times on the page. */
function valuePart(text: string): Part {
  const ms = parseJiraDate(text);
  return ms === undefined ? text || 'not set' : timeOf(ms);
}

function approvalsPart(issue: Issue, action: string): Markup {
  const approvals = issue.approvals.map((approval) => approvalItem(approval, action));
  const list = approvals.length === 0 ? markup`<p>Nobody has been asked.</p>` : approvals;
  return markup`<section id="approvals" data-live aria-label="Approvals"><h2>Approvals</h2>${list}</section>`;
}

function approvalItem({ id, name, finalDecision, approvers }: Approval, action: string): Markup {
  const rows = approvers.map(({ approver, decision }, index) => {
    const who = approver.displayName;
    const isAsked = finalDecision === 'pending' && decision === 'pending';
    const act = (wanted: string, label: string, kind: 'good' | 'bad') =>
      button(
        `${action}/decide`,
        `${label} as ${who}`,
        { who, decision: wanted },
        { id: `${wanted}-${id}-${index}`, kind },
      );
    const acts = isAsked
      ? [act('approved', 'Approve', 'good'), act('declined', 'Decline', 'bad')]
      : undefined;
    return markup`<li>${who}: <span class="decision ${decision}">${decision}</span>${acts && markup`<div class="acts">${acts}</div>`}</li>`;
  });
  return markup`<h3>${name}: ${finalDecision}</h3><ul>${rows}</ul>`;
}

function movesPart(site: Site, issue: Issue, action: string): Markup {
  const isPending = issue.approvals.some(({ finalDecision }) => finalDecision === 'pending');
  const moves = site
    .transitions(issue)
    // While an approval is pending, only its approvers can trigger these transitions.
    .filter(({ name }) => !(isPending && (name === 'Approve' || name === 'Decline')))
    .map(({ id, name, to }) =>
      button(`${action}/move`, `${name} → ${to}`, { transition: id }, { id: `move-${id}` }),
    );
  const list = moves.length === 0 ? markup`<p>${issue.status.name} is the end of the workflow.</p>` : moves;
  return markup`<section id="moves" data-live aria-label="Move"><h2>Move</h2><div class="acts">${list}</div></section>`;
}

/** Not updated automatically, because somebody may be typing in it. */
function windowPart(site: Site, action: string): Part {
  if (!hasWindow(site)) return undefined;
  const preset = (name: string, label: string) =>
    button(`${action}/window`, label, { preset: name }, { id: `window-${name}` });
  const input = (name: string, label: string) =>
    markup`<label>${label} <input type="datetime-local" name="${name}" step="1"></label>`;
  return markup`<section id="window" aria-label="Change window"><h2>Change window</h2>
<div class="acts">${preset('open-now', 'Open now, for an hour')}${preset('opens-soon', 'Opens in 30 seconds')}${preset('over', 'Ended an hour ago')}${preset('none', 'No window')}</div>
<form method="post" action="${action}/window" class="fields">${input('start', 'Planned start (UTC)')}${input('end', 'Planned end (UTC)')}<button id="window-set">Set the window</button></form></section>`;
}

function textPart(id: string, title: string, text: string): Markup {
  const body = text === '' ? 'none' : text;
  return markup`<section id="${id}" data-live aria-label="${title}"><h2>${title}</h2><p class="text" dir="auto">${body}</p></section>`;
}

function commentsPart({ comments }: Issue): Markup {
  const list = comments.map(
    ({ author, body, public: isPublic, createdMs }) =>
      markup`<li><p class="by">${author.displayName}, ${isPublic ? 'to the customer' : 'for agents only'}, ${timeOf(createdMs)}</p><p class="text" dir="auto">${body}</p></li>`,
  );
  const shown = list.length === 0 ? markup`<p>none</p>` : markup`<ul>${list}</ul>`;
  return markup`<section id="comments" data-live aria-label="Comments"><h2>Comments</h2>${shown}</section>`;
}

function historyPart({ history, createdMs, reporter }: Issue): Markup {
  const changes = history.map(
    ({ atMs, what, from, to }) =>
      markup`<li>${timeOf(atMs)} ${what}: ${valuePart(from)} → ${valuePart(to)}</li>`,
  );
  const raised = markup`<li>${timeOf(createdMs)} raised by ${reporter.displayName}</li>`;
  return markup`<section id="history" data-live aria-label="History"><h2>History</h2><ol>${raised}${changes}</ol></section>`;
}
