import type { ChangeRecord, CheckEntry } from '../record.ts';
import { type Html, html, nothing } from './html.ts';
import { timeText, windowText } from './times.ts';

interface Span {
  readonly what: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The text next to the bar. */
  readonly says: string;
  readonly isWindow?: boolean;
}

/** E5: shows when the change request had which status, and its window, over the time of the run. */
export function timeline({ entries, ending }: ChangeRecord): Html {
  const checks = entries.filter((entry) => entry.kind === 'check');
  const last = checks.at(-1);
  if (last === undefined) return html`<p>The change request was not checked.</p>`;
  const endMs = msOf((last.last ?? last.first).answered) + secondsAfter(last, ending.uptimeMs);
  const statuses = statusSpans(checks, endMs);
  const beginMs = statuses[0]?.fromMs ?? endMs;
  const bars = [...statuses, ...windowSpan(last)].map((span) => bar(span, beginMs, endMs));
  return html`<p>From ${timeText(new Date(beginMs))} to ${timeText(new Date(endMs))}, by the clock of the site.</p>
<ol class="bars">${bars}</ol>`;
}

/** Turns consecutive checks with the same status into one span, until the next status was seen. */
function statusSpans(checks: readonly CheckEntry[], endMs: number): readonly Span[] {
  const nameOf = ({ changeRequest }: CheckEntry): string =>
    `${changeRequest.key}: ${changeRequest.status.name}`;
  const changes = checks.filter((check, index) => {
    const before = checks[index - 1];
    return before === undefined || nameOf(before) !== nameOf(check);
  });
  return changes.map((check, index) => {
    const next = changes[index + 1];
    const fromMs = msOf(check.first.answered);
    const toMs = next === undefined ? endMs : msOf(next.first.answered);
    const says = `${timeText(new Date(fromMs))} to ${timeText(new Date(toMs))}`;
    return { what: nameOf(check), fromMs, toMs, says };
  });
}

/** Returns the window as the last check showed it; a bound that is not set does not limit it. */
function windowSpan({ window }: CheckEntry): readonly Span[] {
  const start = boundMs(window.start);
  const end = boundMs(window.end);
  if (start === undefined && end === undefined) return [];
  const said = (bound: number | undefined): string => (bound === undefined ? '' : timeText(new Date(bound)));
  return [
    {
      what: 'Change window',
      fromMs: start ?? Number.NEGATIVE_INFINITY,
      toMs: end ?? Number.POSITIVE_INFINITY,
      says: windowText(said(start), said(end)),
      isWindow: true,
    },
  ];
}

function bar({ what, fromMs, toMs, says, isWindow }: Span, beginMs: number, endMs: number): Html {
  const all = Math.max(1, endMs - beginMs);
  const place = (ms: number): number =>
    Math.round(Math.min(100, Math.max(0, ((ms - beginMs) / all) * 100)) * 100) / 100;
  const [left, right] = endMs === beginMs ? [0, 100] : [place(fromMs), place(toMs)];
  const isOutside = fromMs > endMs || toMs < beginMs;
  const drawn = html`<span class="bar${isWindow ? ' window' : ''}" style="margin-left:${Math.min(left, 99)}%;width:${Math.max(1, right - left)}%"></span>`;
  return html`<li><b>${what}</b> <span class="when">${says}${isOutside ? ' (outside of the time shown)' : ''}</span>${isOutside ? nothing : drawn}</li>
`;
}

function boundMs(bound: unknown): number | undefined {
  const { kind, at } = bound as { kind: string; at?: string | null };
  return kind === 'set' && typeof at === 'string' ? Date.parse(at) : undefined;
}

/** Returns the time by the site's clock, or else by the worker's. */
function msOf({ site, worker }: CheckEntry['first']['answered']): number {
  const ms = Date.parse(site ?? worker ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

function secondsAfter({ first, last }: CheckEntry, uptimeMs: number): number {
  return Math.max(0, uptimeMs - (last ?? first).answered.uptimeMs);
}
