import { plannedEndId, plannedStartId } from '../defaults.ts';
import type { Issue } from '../issue.ts';
import type { Site } from '../site.ts';

/** A form that cannot be carried out: the message says why. */
export class ActError extends Error {
  override readonly name = 'ActError';
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** The windows that buttons set: start and end, relative to now. */
const windows: Readonly<Record<string, readonly [number | null, number | null]>> = {
  'open-now': [-minuteMs, hourMs],
  'opens-soon': [minuteMs / 2, hourMs],
  over: [-2 * hourMs, -hourMs],
  none: [null, null],
};

type Act = (site: Site, issue: Issue, form: URLSearchParams) => void;

/** What a person can do to a change request, by the last part of the form's address. */
export const acts: Readonly<Record<string, Act>> = {
  decide: (site, issue, form) => {
    const [who, decision] = [form.get('who') ?? '', form.get('decision')];
    if (decision !== 'approved' && decision !== 'declined') throw new ActError('There is no such decision.');
    const mayDecide = issue.approvals.some(
      ({ finalDecision, approvers }) =>
        finalDecision === 'pending' &&
        approvers.some((one) => one.decision === 'pending' && one.approver.displayName === who),
    );
    if (!mayDecide) throw new ActError(`${who} has nothing to decide on ${issue.key}.`);
    site.decide(issue.key, who, decision);
  },
  move: (site, issue, form) => {
    const transition = site.transitions(issue).find((one) => one.id === form.get('transition'));
    if (transition === undefined)
      throw new ActError(`${issue.key} is ${issue.status.name}: it can't be moved there.`);
    site.moveTo(issue.key, transition.to);
  },
  window: (site, issue, form) => {
    const [start, end] = windowOf(form, site.now());
    site.setField(issue.key, plannedStartId, start);
    site.setField(issue.key, plannedEndId, end);
  },
};

function windowOf(form: URLSearchParams, nowMs: number): readonly [Date | null, Date | null] {
  const name = form.get('preset');
  if (name === null) return [instant(form.get('start')), instant(form.get('end'))];
  const preset = Object.hasOwn(windows, name) ? windows[name] : undefined;
  if (preset === undefined) throw new ActError('There is no such window.');
  // To the second, as people plan.
  const at = (fromNowMs: number | null) =>
    fromNowMs === null ? null : new Date(Math.ceil((nowMs + fromNowMs) / 1000) * 1000);
  return [at(preset[0]), at(preset[1])];
}

/** Reads a date and time from a form, in UTC; null if the field was left empty. */
function instant(text: string | null): Date | null {
  if (text === null || text === '') return null;
  const date = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? `${text}Z` : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new ActError(`"${text}" is not a date and time.`);
  return date;
}
