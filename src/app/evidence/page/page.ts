import type { ChangeRecord, CheckEntry, ReadEntry, RecordApproval, RecordEntry } from '../record.ts';
import { Html, html, nothing } from './html.ts';
import { style } from './style.ts';
import { timeline } from './timeline.ts';
import { timeText, windowText } from './times.ts';

/** E5: returns the record as a page for people: one file, without scripts or external resources. */
export function recordPage(record: ChangeRecord): string {
  const { run, ending } = record;
  const subject = ending.changeRequest?.key ?? run.runId;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>Change record ${subject}</title>
<style>${new Html(style)}</style>
</head>
<body>
<h1>Change record ${subject}</h1>
${verdict(record)}
${section('Deployment', deployment(record))}
${section('Status over time', timeline(record))}
${section('Approvals', approvals(record))}
${section('Checks', checks(record))}
${section('Written to Jira', writes(record))}
${section('Settings', settings(record))}
${section('How the change request was found', lookups(record))}
${section('Proof', proof(record))}
</body>
</html>
`;
  return page.source;
}

function section(title: string, content: Html): Html {
  return html`<section>
<h2>${title}</h2>
${content}
</section>`;
}

const verdicts: Readonly<Record<ChangeRecord['ending']['decision'], string>> = {
  NotRequired: 'No approval was required',
  Proceed: 'The deployment was allowed to proceed',
  Ready: 'A gate would have proceeded; this step allowed nothing',
  Pending: 'A gate would have waited; this step allowed nothing',
  Stop: 'The deployment was blocked',
  TimedOut: 'The deployment was blocked: the wait limit was reached',
  Error: 'The deployment was blocked: an error',
};

function verdict({ ending }: ChangeRecord): Html {
  const kind = ending.decision === 'Proceed' ? 'allowed' : 'blocked';
  return html`<div class="verdict ${kind}">
<strong>${ending.decision}: ${verdicts[ending.decision]}</strong>
<p>${ending.reason}</p>
${ending.advice === '' ? nothing : html`<p>${ending.advice}</p>`}
<p>Code ${ending.code}, rule ${ending.rule}, exit code ${ending.exitCode}, at ${timeText(ending.at)} by the worker's clock.</p>
</div>`;
}

/** The values of the output variable `ChangeRequest.Source`, in words. */
const sources: Readonly<Record<string, string>> = {
  Supplied: 'its number was supplied',
  Matched: 'found by its title',
  Created: 'raised by this step',
};

function deployment({ run, ending, operation, step, settings }: ChangeRecord): Html {
  const { changeRequest } = ending;
  const isLeft = changeRequest?.source === 'Matched' && changeRequest.key === settings?.earlierKey;
  const source = isLeft ? 'left by an earlier step of this run' : sources[changeRequest?.source ?? ''];
  const who = [run.deployer.name, run.deployer.username, run.deployer.email].filter((part) => part !== '');
  return list([
    ['Change request', changeRequest === null ? 'none' : link(changeRequest.key, changeRequest.url)],
    ['Source', source ?? ''],
    ['Project', run.project],
    ['Release', run.release],
    ['Environment', run.environment],
    ['Runbook', run.runbook],
    ['Tenant', [run.tenant, run.tenantTags].filter((part) => part !== '').join(', ')],
    ['Deployed by', [...new Set(who)].join(', ')],
    ['Trigger', run.trigger.name === '' ? run.trigger.id : run.trigger.name],
    ['Task', link(run.taskUrl, run.taskUrl)],
    ['Run', run.line],
    ['Step', [run.step, operation].filter((part) => part !== '').join(', ')],
    ['Version', step.version],
    ['SHA-256 of its code', step.bundleSha256 ?? 'unknown'],
  ]);
}

/** Makes a link only if the URL is an HTTP or HTTPS URL. */
function link(label: string, url: string | null): Html {
  return url !== null && /^https?:\/\//i.test(url) ? html`<a href="${url}">${label}</a>` : html`${label}`;
}

function list(rows: readonly (readonly [name: string, value: string | Html])[]): Html {
  const isEmpty = (value: string | Html): boolean => (value instanceof Html ? value.source : value) === '';
  const shown = rows.filter(([, value]) => !isEmpty(value));
  return html`<dl>${shown.map(
    ([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>
`,
  )}</dl>`;
}

function table(
  heads: readonly string[],
  rows: readonly (readonly (string | Html)[])[],
  without: string,
): Html {
  if (rows.length === 0) return html`<p>${without}</p>`;
  return html`<table>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr>${row.map((cell, index) => html`<td data-label="${heads[index] ?? ''}">${cell}</td>`)}</tr>
`,
  )}</tbody>
</table>`;
}

function approvals({ ending }: ChangeRecord): Html {
  const read = ending.approvals;
  if (read === null)
    return html`<p>The approvals were not read, or Jira does not show them to the account.</p>`;
  const rows = read.approvals.map(({ name, finalDecision, approvers, completed }) => [
    name,
    finalDecision,
    people(approvers),
    completed === null ? '' : timeText(completed),
  ]);
  const noted = html`<p>As they were at ${timeText(read.at)}.</p>`;
  const shown = table(
    ['Approval', 'Decision', 'People', 'Decided'],
    rows,
    'Nobody was asked to approve it in JSM.',
  );
  return html`${noted}${shown}`;
}

function people(approvers: RecordApproval['approvers']): string {
  return approvers
    .map(
      ({ name, email, decision }) =>
        `${name}${email === '' || email === name ? '' : ` (${email})`}: ${decision}`,
    )
    .join('\n');
}

function checks({ entries }: ChangeRecord): Html {
  let seen: string | null = null;
  const rows = entries.flatMap((entry): readonly (readonly (string | Html)[])[] => {
    if (entry.kind === 'check') {
      const row = checkRow(entry, seen);
      seen = entry.changeRequest.summary;
      return [row];
    }
    if (entry.kind !== 'omitted') return [];
    return [[`${entry.checks} more checks`, '', '', 'only counted', '', `digest ${entry.sha256}`]];
  });
  const heads = ['Site time', 'Change request', 'Status', 'Decision', 'Rule', 'Window'];
  return table(heads, rows, 'The change request was not checked.');
}

/** @param seen the title in the row before, which is not repeated */
function checkRow(
  { first, last, count, changeRequest, decision, window }: CheckEntry,
  seen: string | null,
): readonly string[] {
  const from = timeText(first.answered.site ?? first.answered.worker);
  const to =
    last === undefined ? '' : ` to ${timeText(last.answered.site ?? last.answered.worker)} (${count} checks)`;
  return [
    `${from}${to}`,
    changeRequest.summary === seen ? changeRequest.key : `${changeRequest.key}\n${changeRequest.summary}`,
    changeRequest.status.name,
    decision === null ? 'none' : `${decision.kind}: ${decision.reason.replaceAll('-', ' ')}`,
    decision?.rule ?? '',
    windowText(boundText(window.start), boundText(window.end)),
  ];
}

function boundText(bound: unknown): string {
  const { kind, at } = bound as { kind: string; at?: string | null };
  if (kind === 'set') return timeText(at ?? null);
  return kind === 'unset' || kind === 'no-field' ? '' : kind;
}

function writes({ entries }: ChangeRecord): Html {
  const rows = entries.flatMap((entry) =>
    entry.kind === 'write'
      ? [[timeText(entry.at), entry.key ?? '', entry.what, contentText(entry), entry.why ?? entry.result]]
      : [],
  );
  return table(['Worker time', 'Change request', 'What', 'Content', 'Result'], rows, 'Nothing.');
}

function contentText({ content }: Extract<RecordEntry, { kind: 'write' }>): string {
  const { body } = content as { readonly body?: unknown };
  return typeof body === 'string' ? body : fieldLines(content).join('\n');
}

/** Returns one line for each field that was sent. */
function fieldLines(content: unknown): readonly string[] {
  return Object.entries(content as object).flatMap(([name, value]) => {
    if (name === 'values') return fieldLines(value);
    return `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
}

function settings({ settings }: ChangeRecord): Html {
  if (settings === null) return html`<p>The input was invalid.</p>`;
  // Whose approval does not count says nothing unless another one is asked for.
  const { otherThan, ...others } = settings;
  const shown = settings.approvalCheck === 'other-approver' ? { ...others, otherThan } : others;
  return list(Object.entries(shown).map(([name, value]) => [words(name), valueText(value)]));
}

/** Turns `pollIntervalSeconds` into `Poll interval seconds`. */
function words(name: string): string {
  const spaced = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace('sha256', 'SHA-256');
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`;
}

function valueText(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(valueText).join('\n');
  if (typeof value !== 'object') return String(value);
  const parts = Object.values(value).filter((part) => part !== '');
  return parts.join('field' in value ? ': ' : ', ');
}

function lookups({ entries }: ChangeRecord): Html {
  const reads = entries.filter((entry): entry is typeof entry & ReadEntry => entry.kind === 'lookup');
  const rows = reads.map(({ first, count, changeRequest: { key, summary, status } }) => [
    timeText(first.answered.site ?? first.answered.worker),
    key,
    summary ?? 'another title',
    status.name,
    String(count),
  ]);
  const heads = ['Site time', 'Change request', 'Title', 'Status', 'Times read'];
  return table(heads, rows, 'By its number.');
}

function proof({ digest, entries, ending, step }: ChangeRecord): Html {
  const noted = entries.flatMap((entry, index) => {
    const comment = entries[index + 1];
    const isRefused = comment?.kind === 'write' && comment.result === 'refused';
    return entry.kind === 'digest' && !isRefused ? [entry.sha256] : [];
  });
  const comment =
    noted.length === 0
      ? nothing
      : html`<p>The comment that announces the start of the deployment contains the digest of the record up to that point: <code>${noted.join(', ')}</code></p>`;
  return html`${comment}<p>Digest of this record: <code>${digest}</code></p>
<p>This page is generated from the JSON next to it. <code>npm run replay -- FILE SHA-256</code> recomputes every decision from that JSON, and says whether this page belongs to it; the SHA-256 of the file is in the task log.</p>
<p>The rules, such as ${ending.rule}, are in <code>docs/rules.md</code> of jsm-change-gate ${step.version}, and <code>docs/evidence.md</code> says what this record proves.</p>`;
}
