import type { DeploymentFacts } from './deployment-facts.ts';
import { isoUtc } from './instant.ts';
import { type OctopusRun, withoutRunLine } from './run-line.ts';
import { markedRunLine, markOfRun } from './run-mark.ts';
import { safeLine } from './text.ts';
import { wikiText } from './wiki-text.ts';

/** V3: what customers are told, once each in a run. */
export type AnnouncedEvent = 'wait-begins' | 'deployment-starts' | 'deployment-ends';

/** How a run ended, as far as Octopus tells: a runbook run without an error variable only ended. */
export type DeploymentOutcome = 'succeeded' | 'failed' | 'ended';

export interface Announcement {
  readonly event: AnnouncedEvent;
  /** Set for `deployment-ends`. */
  readonly outcome?: DeploymentOutcome;
  /** The server's time; undefined where the site does not tell it. */
  readonly at: Date | undefined;
  /** How long the run took, where its start was announced. */
  readonly lastedMs?: number | undefined;
}

/** The marks by which a repeated run knows its own comments. */
const marks: Readonly<Record<AnnouncedEvent, string>> = {
  'wait-begins': 'waiting',
  'deployment-starts': 'started',
  'deployment-ends': 'ended',
};

/** The comment's text, in Jira's wiki mark-up; what comes from Octopus stays text. */
export function announcementText(
  announcement: Announcement,
  facts: DeploymentFacts,
  run: OctopusRun,
): string {
  const line = (name: string, value: string): readonly string[] =>
    value === '' ? [] : [`${name}: ${shown(value)}`];
  const tenant =
    facts.tenant === '' || facts.tenantTags === '' ? facts.tenant : `${facts.tenant} (${facts.tenantTags})`;
  return [
    headline(announcement, facts),
    '',
    ...line('Project', facts.project),
    ...line('Runbook', facts.isRunbookRun ? facts.runbook : ''),
    ...line('Release', facts.release),
    ...line('Environment', facts.environment),
    ...line('Tenant', tenant),
    ...line('Requested by', facts.requester),
    ...(announcement.at === undefined ? [] : [`Time: ${isoUtc(announcement.at)}`]),
    ...(announcement.lastedMs === undefined ? [] : [`Duration: ${durationText(announcement.lastedMs)}`]),
    ...line('Error', announcement.outcome === 'failed' ? facts.error : ''),
    ...(facts.taskUrl === '' ? [] : [`Task: ${facts.taskUrl}`]),
    '',
    markedRunLine(run, marks[announcement.event]),
  ].join('\n');
}

function headline({ event, outcome }: Announcement, { isRunbookRun }: DeploymentFacts): string {
  const what = isRunbookRun ? 'runbook run' : 'deployment';
  switch (event) {
    case 'wait-begins':
      return `The ${what} waits for this change to be approved and for its planned start.`;
    case 'deployment-starts':
      return `The change is approved and inside its window: the ${what} starts.`;
    case 'deployment-ends':
      return `The ${what} ${outcome ?? 'ended'}.`;
  }
}

function shown(value: string): string {
  // Jira makes a link of a bare URL as well: customers get none but the task's.
  return withoutRunLine(wikiText(safeLine(value).replace(/\bmailto:(?=\S)/giu, '$& ')));
}

/** `1 h 5 min`, `3 min 20 s`, `45 s` */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** V3: the event that a comment announced for this very run, or undefined. */
export function announcedBy(comment: string, run: OctopusRun): AnnouncedEvent | undefined {
  const mark = markOfRun(comment, run);
  const events = Object.entries(marks) as [AnnouncedEvent, string][];
  return events.find(([, known]) => known === mark)?.[0];
}
