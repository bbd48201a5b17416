import { isoUtc } from '../instant.ts';
import { safeLine, wikiText } from '../text.ts';
import { type DeploymentFacts, tenantWithTags } from './deployment-facts.ts';
import { markedRunLine, markOfRun, type OctopusRun, withoutRunLine } from './run-line.ts';

/** V3: who sees the comments on the change request. */
export type CommentMode = 'none' | 'public' | 'internal';

/** V3: the events that are announced on a change request, each once per run. */
export type AnnouncedEvent = 'wait-begins' | 'deployment-starts' | 'deployment-ends';

/**
 * How a run ended, as far as Octopus shows it: a runbook run without an error is only known to have `ended`.
 * A run may continue even if no step allowed it (V2).
 */
export type DeploymentResult = 'succeeded' | 'failed' | 'ended' | 'went-on-unapproved';

export interface Announcement {
  readonly event: AnnouncedEvent;
  /** Set for `deployment-ends`. */
  readonly result?: DeploymentResult;
  /** The server's time; undefined if the site does not show it. */
  readonly at: Date | undefined;
  /** How long the run took, if its start was announced. */
  readonly lastedMs?: number | undefined;
  /** E4: SHA-256 of the change record up to this comment. */
  readonly recordDigest?: string | undefined;
}

/** The marks by which a repeated run recognizes its own comments. */
const marks: Readonly<Record<AnnouncedEvent, string>> = {
  'wait-begins': 'waiting',
  'deployment-starts': 'started',
  'deployment-ends': 'ended',
};

/** Returns the text of the comment, in Jira's wiki mark-up; values from Octopus stay plain text. */
export function announcementText(
  announcement: Announcement,
  facts: DeploymentFacts,
  run: OctopusRun,
): string {
  const line = (name: string, value: string): readonly string[] =>
    value === '' ? [] : [`${name}: ${shown(value)}`];
  return [
    headline(announcement, facts),
    '',
    ...line('Project', facts.project),
    ...line('Runbook', facts.isRunbookRun ? facts.runbook : ''),
    ...line('Release', facts.release),
    ...line('Environment', facts.environment),
    ...line('Tenant', tenantWithTags(facts)),
    ...line('Requested by', facts.requester),
    ...(announcement.at === undefined ? [] : [`Time: ${isoUtc(announcement.at)}`]),
    ...(announcement.lastedMs === undefined ? [] : [`Duration: ${durationText(announcement.lastedMs)}`]),
    ...line('Error', announcement.result === 'failed' ? facts.error : ''),
    ...(facts.taskUrl === '' ? [] : [`Task: ${facts.taskUrl}`]),
    ...(announcement.recordDigest === undefined
      ? []
      : [`Change record (SHA-256 up to this comment): ${announcement.recordDigest}`]),
    '',
    markedRunLine(run, marks[announcement.event]),
  ].join('\n');
}

function headline({ event, result }: Announcement, { isRunbookRun }: DeploymentFacts): string {
  const what = isRunbookRun ? 'runbook run' : 'deployment';
  switch (event) {
    case 'wait-begins':
      return `The ${what} is waiting for this change to be approved and for its planned start.`;
    case 'deployment-starts':
      return `This change is approved and inside its window: the ${what} is starting.`;
    case 'deployment-ends':
      return result === 'went-on-unapproved'
        ? `The ${what} went ahead without the approval of this change, and ended without an error.`
        : `The ${what} ${result ?? 'ended'}.`;
  }
}

function shown(value: string): string {
  // Jira also turns bare URLs into links; the only link for customers is the one to the task.
  return withoutRunLine(wikiText(safeLine(value)));
}

/** Formats a duration: `1 h 5 min`, `3 min 20 s`, `45 s`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** V3: returns the event that a comment announced for this run, or undefined. */
export function announcedBy(comment: string, run: OctopusRun): AnnouncedEvent | undefined {
  const mark = markOfRun(comment, run);
  const events = Object.entries(marks) as [AnnouncedEvent, string][];
  return events.find(([, known]) => known === mark)?.[0];
}
