/** Dates as Jira writes and reads them: with milliseconds, and an offset without a colon. */

const quarterHourMs = 900_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

function readOffset(ms: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(ms).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /([+-])(\d\d):(\d\d)/.exec(name);
  if (match === null) {
    return 0;
  }
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** Returns by how many minutes `timeZone` is ahead of UTC at that instant. */
function offsetMinutes(ms: number, timeZone: string): number {
  const key = `${timeZone}|${Math.floor(ms / quarterHourMs)}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    if (offsets.size > 5000) {
      offsets.clear();
    }
    offset = readOffset(ms, timeZone);
    offsets.set(key, offset);
  }
  return offset;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${hours}${String(size % 60).padStart(2, '0')}`;
}

/** Formats a date as `2026-06-13T10:00:00.000+1000`. */
export function jiraDate(ms: number, timeZone: string): string {
  const minutes = offsetMinutes(ms, timeZone);
  return new Date(ms + minutes * 60_000).toISOString().replace('Z', offsetText(minutes));
}

interface JsmDate {
  iso8601: string;
  jira: string;
  friendly: string;
  epochMillis: number;
}

/** Returns the four forms in which JSM returns a date. */
export function jsmDate(ms: number, timeZone: string): JsmDate {
  const jira = jiraDate(ms, timeZone);
  return {
    iso8601: jira.replace(/\.\d{3}/, ''),
    jira,
    friendly: `Today ${jira.slice(11, 16)}`,
    epochMillis: ms,
  };
}

/** Parses a date-time that a client sends; Jira accepts only this one form. */
export function parseJiraDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$/.test(text)) {
    return undefined;
  }
  const ms = Date.parse(`${text.slice(0, -2)}:${text.slice(-2)}`);
  return Number.isNaN(ms) ? undefined : ms;
}
