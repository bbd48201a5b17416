/** The bound of the change window that a value is for; it determines what a date without a time means. */
export type Bound = 'start' | 'end';

type ParsedInstant =
  | { readonly kind: 'instant'; readonly at: Date; readonly wholeDay: boolean }
  /** A date without a time, and no known time zone to place it in. */
  | { readonly kind: 'zone-needed' }
  | { readonly kind: 'unreadable' };

const dateTimePattern =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))$/;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * W10: parses a date-time from Jira (`2026-06-13T10:00:00.000+1000`, `...Z`, `+10:00`), or a date without a
 * time: the start of that day for the start of a window, its last millisecond for the end.
 * @param timeZone IANA name of the account's time zone, needed only for a date without a time
 */
export function parseInstant(text: string, bound: Bound, timeZone: string | undefined): ParsedInstant {
  const dateTime = dateTimePattern.exec(text);
  if (dateTime !== null) {
    const at = instantOf(dateTime);
    return at === undefined ? { kind: 'unreadable' } : { kind: 'instant', at, wholeDay: false };
  }
  const date = datePattern.exec(text);
  if (date === null) return { kind: 'unreadable' };
  const day = utcDay(Number(date[1]), Number(date[2]), Number(date[3]));
  if (day === undefined) return { kind: 'unreadable' };
  if (timeZone === undefined || !isTimeZone(timeZone)) return { kind: 'zone-needed' };
  const ms = bound === 'start' ? startOfDay(day, timeZone) : startOfDay(day + dayMs, timeZone) - 1;
  return { kind: 'instant', at: new Date(ms), wholeDay: true };
}

function instantOf(parts: RegExpExecArray): Date | undefined {
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = parts;
  const dayStart = utcDay(Number(year), Number(month), Number(day));
  const inRange =
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Number(offsetHour ?? 0) < 24 &&
    Number(offsetMinute ?? 0) < 60;
  if (dayStart === undefined || !inRange) return undefined;
  const timeMs =
    (Number(hour) * 60 + Number(minute)) * minuteMs +
    Number(second) * 1000 +
    Math.floor(Number(`0.${fraction ?? '0'}`) * 1000);
  const offsetMs = (Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0)) * minuteMs;
  return new Date(dayStart + timeMs - (sign === '-' ? -offsetMs : offsetMs));
}

/** Returns midnight UTC of a day, or undefined if the calendar has no such day. */
function utcDay(year: number, month: number, day: number): number | undefined {
  const ms = Date.UTC(year, month - 1, day);
  const date = new Date(ms);
  // `Date.UTC` moves a day that the month does not have into another month.
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 ? ms : undefined;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns the first instant of a day in a time zone. A zone may skip midnight when its clocks change, so the
 * function tries the start of the day at each offset that the zone has around it.
 * @param day midnight UTC of the calendar day, in ms
 */
function startOfDay(day: number, timeZone: string): number {
  const offsets = [offsetMs(day - dayMs, timeZone), offsetMs(day, timeZone), offsetMs(day + dayMs, timeZone)];
  const candidates = offsets.map((offset) => day - offset).sort((a, b) => a - b);
  for (const candidate of candidates) {
    const local = candidate + offsetMs(candidate, timeZone);
    if (local >= day && local < day + dayMs) return candidate;
  }
  return day - (offsets[1] ?? 0);
}

/** Returns how far a zone's clocks are ahead of UTC at an instant, in ms. */
function offsetMs(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(at / 1000) * 1000;
}

/**
 * Formats a time for people: to the second in UTC, and also in a time zone if that differs from UTC then.
 * @param timeZone IANA name; ignored if empty or unknown
 */
export function shownTime(at: Date, timeZone = ''): string {
  const second = new Date(Math.floor(at.getTime() / 1000) * 1000);
  const aheadMs = isTimeZone(timeZone) ? offsetMs(second.getTime(), timeZone) : 0;
  if (aheadMs === 0) return isoUtc(second);
  const local = new Date(second.getTime() + aheadMs).toISOString().slice(0, 19).replace('T', ' ');
  return `${isoUtc(second)} (${local} ${timeZone})`;
}

/** Formats a time in ISO 8601 in UTC, as the step shows and writes times; zero milliseconds are omitted. */
export function isoUtc(at: Date): string {
  return at.toISOString().replace(/\.000Z$/, 'Z');
}
