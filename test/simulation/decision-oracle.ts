/**
 * An independent implementation of the rules: it imports nothing from `src`, which it judges, and reads an
 * issue as Jira returns it.
 */

/** The settings of a run about the change requests that it may use. */
export interface OracleRules {
  readonly proceed: readonly string[];
  readonly wait: readonly string[];
  /** L4 */
  readonly projects: readonly string[];
  /** L14; undefined: any. */
  readonly issueTypes: readonly string[] | undefined;
  readonly requirePlannedEnd: boolean;
  /** W12: the planned fields that a parameter or a policy names, by name or id; undefined: the defaults. */
  readonly startField: string | undefined;
  readonly endField: string | undefined;
  /** W12: fields that `Field[...]` variables set. */
  readonly setFields: readonly string[];
  /** W10: the time zone of the step's account. */
  readonly timeZone: string;
  /** A1: the texts that a supplied change request has to mention; none by default. */
  readonly mustMention?: readonly string[];
  /** A2; by default only the status counts. */
  readonly approval?: ApprovalRequired;
}

/** A2 */
export interface ApprovalRequired {
  readonly check: 'status' | 'approved' | 'other';
  /** Who deploys; undefined if a trigger started the run. */
  readonly deployer: { readonly email: string; readonly username: string } | undefined;
}

/** When an issue is judged, and what else is known at that time. */
export interface OracleMoment {
  /** The site's time; undefined if the site does not report it (W9). */
  readonly nowMs: number | undefined;
  /** W13: the end of the wait limit. */
  readonly limitMs?: number | undefined;
  /** W12: ids of planned fields that an earlier check of the run saw. */
  readonly hadFields?: ReadonlySet<string>;
  /** W12: the names of the site's fields by id, for fields that the answer does not name. */
  readonly siteNames?: ReadonlyMap<string, string>;
  /**
   * A2: the approvals as the site returned them, from all pages; undefined if they were not requested or
   * could not be read.
   */
  readonly approvals?: readonly unknown[] | undefined;
}

export interface Verdict {
  readonly kind: 'proceed' | 'wait' | 'stop';
  readonly rule: string;
}

const defaultProceed = ['Implementing'];
const defaultWait = [
  'Review',
  'Preview',
  'Planning',
  'Authorize',
  'Awaiting Implementation',
  'Peer review / change manager approval',
  'Awaiting CAB approval',
];

const defaultFields = {
  start: ['Planned start', 'Change start date'],
  end: ['Planned end', 'Change completion date'],
};

/** T3: compares names, ignoring case and repeated spaces. */
export function sameName(a: string, b: string): boolean {
  const plain = (text: string): string => text.split(/\s+/u).filter(Boolean).join(' ').toLowerCase();
  return plain(a) === plain(b);
}

const hasName = (names: readonly string[], name: string): boolean => names.some((one) => sameName(one, name));

/** T4: returns the two lists in force; undefined if they contradict each other, which is an input error. */
export function statusLists(
  proceed: readonly string[] | undefined,
  wait: readonly string[] | undefined,
): Pick<OracleRules, 'proceed' | 'wait'> | undefined {
  if (proceed !== undefined && wait !== undefined) {
    return proceed.some((name) => hasName(wait, name)) ? undefined : { proceed, wait };
  }
  const lists = {
    proceed: proceed ?? defaultProceed.filter((name) => !hasName(wait ?? [], name)),
    wait: wait ?? defaultWait.filter((name) => !hasName(proceed ?? [], name)),
  };
  return lists.proceed.length === 0 ? undefined : lists;
}

/** The settings of a run with only defaults, in the service project CHG. */
export const defaultRules: Omit<OracleRules, 'timeZone'> = {
  proceed: defaultProceed,
  wait: defaultWait,
  projects: ['CHG'],
  issueTypes: undefined,
  requirePlannedEnd: false,
  startField: undefined,
  endField: undefined,
  setFields: [],
};

const stop = (rule: string): Verdict => ({ kind: 'stop', rule });

/** Says what the rules require for an issue, as `GET /rest/api/2/issue/{key}?expand=names` returns it. */
export function judge(issue: unknown, rules: OracleRules, moment: OracleMoment): Verdict {
  const seen = seenIn(issue);
  if (typeof seen === 'string') return stop(seen);
  if (!rules.projects.includes(seen.projectKey)) return stop('L4');
  if (rules.issueTypes !== undefined && !seen.type.some((one) => hasName(rules.issueTypes ?? [], one)))
    return stop('L14');
  if (withdrawnFor(seen.summary) !== undefined) return stop('L10');
  const places = [seen.summary, withoutEscapes(seen.fields['description'])];
  const isMentioned = (text: string): boolean => places.some((place) => mentions(place, text));
  if (!(rules.mustMention ?? []).every((text) => text.trim() === '' || isMentioned(text))) return stop('A1');
  const { proceed, wait } = rules;
  const label = seen.status.find((one) => hasName(proceed, one) || hasName(wait, one));
  if (label === undefined) return stop('T3');
  const { check, deployer } = rules.approval ?? { check: 'status', deployer: undefined };
  if (check === 'other' && deployer !== undefined && !isAddress(deployer.email)) return stop('A2');
  const approved = hasName(proceed, label);
  const window = windowOf(seen, rules, moment);
  if (typeof window === 'string') return stop(window);
  const lack = approved && check !== 'status' ? lackOf(moment.approvals, check, deployer) : undefined;
  const { kind, rule } = byTime(approved && lack === undefined, window, rules, moment);
  return lack === undefined || kind === 'stop' ? { kind, rule } : { kind: lack, rule: 'A2' };
}

/** A2: returns the outcome of approvals that do not suffice; undefined if they do. */
function lackOf(
  approvals: readonly unknown[] | undefined,
  check: 'approved' | 'other',
  deployer: ApprovalRequired['deployer'],
): 'wait' | 'stop' | undefined {
  const all = approvals?.map((one) => members(one) ?? {});
  if (all?.every((one) => typeof one['finalDecision'] === 'string') !== true) return 'stop';
  const counting = all.filter((one) => !all.some((other) => isLaterRound(other, one)));
  const decisions = counting.map((one) => String(one['finalDecision']).toLowerCase());
  if (decisions.length === 0 || decisions.includes('declined')) return 'stop';
  if (decisions.some((decision) => decision !== 'approved')) return 'wait';
  if (check === 'approved') return undefined;
  const people = counting.flatMap((one) => {
    const listed = Array.isArray(one['approvers']) ? one['approvers'] : [];
    return listed
      .map((entry) => members(entry) ?? {})
      .filter((entry) => String(entry['approverDecision']).toLowerCase() === 'approved')
      .map((entry) => members(entry['approver']) ?? {});
  });
  const isOther = (person: Members): boolean => {
    if (deployer === undefined) return true;
    const [email, name] = [String(person['emailAddress'] ?? ''), String(person['name'] ?? '')];
    return isAddress(email) && !sameName(email, deployer.email) && !isSameUser(name, deployer.username);
  };
  return people.some(isOther) ? undefined : 'wait';
}

/** A2: returns true for a later round with the same name, by its date or otherwise by its number. */
function isLaterRound(other: Members, one: Members): boolean {
  const [a, b] = [other, one].map(({ name }) => (typeof name === 'string' ? name : ''));
  if (a === undefined || b === undefined || a.trim() === '' || !sameName(a, b)) return false;
  const [later = Number.NaN, earlier = Number.NaN] = [other, one].map(createdMs);
  if (later !== earlier && !Number.isNaN(later - earlier)) return later > earlier;
  const [high, low] = [other, one].map(({ id }) => (/^\d+$/.test(String(id)) ? Number(id) : Number.NaN));
  return (high ?? Number.NaN) > (low ?? Number.NaN);
}

function createdMs({ createdDate }: Members): number {
  const { jira, iso8601 } = members(createdDate) ?? {};
  const forms = [jira, iso8601].map((form) => instantOf(form, 'start', ''));
  return forms.find((ms) => ms !== undefined && !Number.isNaN(ms)) ?? Number.NaN;
}

function isAddress(email: string): boolean {
  const [local = '', host = '', ...more] = email.trim().split('@');
  return local !== '' && host !== '' && more.length === 0 && !/\s/.test(email.trim());
}

function isSameUser(a: string, b: string): boolean {
  return a.trim() !== '' && sameName(a, b);
}

function withoutEscapes(description: unknown): string {
  return typeof description === 'string' ? description.replace(/\\([^\p{L}\p{N}\s])/gu, '$1') : '';
}

/** Scripts that are written without spaces: a text in them needs no word boundary. */
const unspaced = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

/** A1: a text counts only as a whole, ignoring case and repeated spaces. */
function mentions(place: string, text: string): boolean {
  const plain = (one: string): string =>
    one.normalize('NFC').split(/\s+/u).filter(Boolean).join(' ').toLowerCase();
  const [whole, sought] = [plain(place), plain(text)];
  const isWord = (mark: string | undefined): boolean =>
    mark !== undefined && /[\p{L}\p{N}\p{M}_]/u.test(mark) && !unspaced.test(mark);
  const [first = '', last = ''] = [[...sought][0], [...sought].at(-1)];
  for (let at = whole.indexOf(sought); at >= 0; at = whole.indexOf(sought, at + 1)) {
    const before = whole.slice(0, at);
    const after = whole.slice(at + sought.length);
    const isCutBefore =
      first !== '_' &&
      isWord(first) &&
      (isWord([...before].at(-1)) || (/\d/.test(first) && /\d\.$/.test(before)));
    const isCutAfter =
      last !== '_' &&
      isWord(last) &&
      (isWord([...after][0]) || (/\d/.test(last) && /^[.+-][\p{L}\p{N}]/u.test(after)));
    if (!isCutBefore && !isCutAfter) return true;
  }
  return false;
}

interface Seen {
  readonly answer: Members;
  readonly fields: Members;
  readonly projectKey: string;
  readonly type: readonly string[];
  readonly summary: string;
  readonly status: readonly string[];
}

/** Returns the data that every issue has, or the rule that an answer without it breaks. */
function seenIn(issue: unknown): Seen | string {
  const answer = members(issue);
  const fields = members(answer?.['fields']);
  const key = answer?.['key'];
  if (answer === undefined || fields === undefined) return 'F5';
  if (typeof key !== 'string' || !/^[A-Z][A-Z0-9_]*-[1-9][0-9]*$/.test(key)) return 'L16';
  const { summary } = fields;
  const status = members(fields['status']);
  if (typeof summary !== 'string' || typeof status?.['name'] !== 'string') return 'F5';
  const project = members(fields['project'])?.['key'];
  return {
    answer,
    fields,
    projectKey: typeof project === 'string' ? project : key.slice(0, key.lastIndexOf('-')),
    type: labelsOf(members(fields['issuetype'])),
    summary,
    status: labelsOf(status),
  };
}

/** T3: returns the labels by which a status or a type may be listed, in the order in which they count. */
function labelsOf(value: Members = {}): readonly string[] {
  return [value['name'], value['untranslatedName'], value['id']].filter((label) => typeof label === 'string');
}

interface Window {
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

/** Returns the change window, or the rule because of which it cannot be determined. */
function windowOf(
  { answer, fields }: Pick<Seen, 'answer' | 'fields'>,
  rules: OracleRules,
  moment: OracleMoment,
): Window | string {
  const names = namesOf(answer, fields, moment.siteNames);
  if (names === undefined) return 'W12';
  const start = boundOf('start', fields, names, rules, moment);
  const end = boundOf('end', fields, names, rules, moment);
  if (typeof start === 'string') return start;
  if (typeof end === 'string') return end;
  if (start.ms !== undefined && end.ms !== undefined && start.ms > end.ms) return 'W11';
  const hasBound = start.ms !== undefined || end.ms !== undefined;
  return hasBound && moment.nowMs === undefined ? 'W9' : { startMs: start.ms, endMs: end.ms };
}

function byTime(
  approved: boolean,
  { startMs, endMs }: Window,
  rules: OracleRules,
  { nowMs = 0, limitMs = Number.POSITIVE_INFINITY }: OracleMoment,
): Verdict {
  if (endMs !== undefined && nowMs > endMs) return stop(approved ? 'W7' : 'W6');
  if (!approved) return { kind: 'wait', rule: 'T2' };
  if (rules.requirePlannedEnd && endMs === undefined) return stop('W13');
  if (startMs === undefined || nowMs >= startMs) return { kind: 'proceed', rule: 'W4' };
  return startMs > limitMs ? stop('W13') : { kind: 'wait', rule: 'W5' };
}

/** C4, L10: returns the key in the summary of a withdrawn change request. */
export function withdrawnFor(summary: string): string | undefined {
  const [, key] = /^Withdrawn in favour of ([A-Z][A-Z0-9_]*-[1-9][0-9]*): /.exec(summary) ?? [];
  return key;
}

/** Returns the instants at which a change window begins and ends, if it can be determined. */
export function boundsOf(issue: unknown, rules: OracleRules, moment: OracleMoment): readonly number[] {
  const seen = seenIn(issue);
  const window = typeof seen === 'string' ? seen : windowOf(seen, rules, moment);
  if (typeof window === 'string') return [];
  return [window.startMs, window.endMs].filter((ms) => ms !== undefined);
}

/** Returns the ids of the fields in an answer that are planned fields by these rules. */
export function plannedIds(
  issue: unknown,
  rules: OracleRules,
  siteNames?: ReadonlyMap<string, string>,
): readonly string[] {
  const answer = members(issue);
  const fields = members(answer?.['fields']);
  if (answer === undefined || fields === undefined) return [];
  const names = namesOf(answer, fields, siteNames) ?? new Map<string, string>();
  return (['start', 'end'] as const).flatMap((bound) =>
    candidates(bound, names, rules).filter((id) => Object.hasOwn(fields, id)),
  );
}

/** W12: returns the names of all fields; undefined if a field with a value has none. */
function namesOf(
  answer: Members,
  fields: Members,
  siteNames: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> | undefined {
  const told = Object.entries(members(answer['names']) ?? {}).filter(([, name]) => typeof name === 'string');
  const names = new Map(told as [string, string][]);
  for (const [id, value] of Object.entries(fields)) {
    if (names.has(id)) continue;
    const name = siteNames.get(id);
    if (name !== undefined) names.set(id, name);
    else if (id.startsWith('customfield_') && value !== null) return undefined;
  }
  return names;
}

function candidates(
  bound: 'start' | 'end',
  names: ReadonlyMap<string, string>,
  rules: OracleRules,
): readonly string[] {
  const named = bound === 'start' ? rules.startField : rules.endField;
  const wanted = named === undefined ? defaultFields[bound] : [named];
  return [...names].filter(([id, name]) => hasName(wanted, name) || hasName(wanted, id)).map(([id]) => id);
}

/** Returns one bound of the window, or the rule because of which the run stops. */
function boundOf(
  bound: 'start' | 'end',
  fields: Members,
  names: ReadonlyMap<string, string>,
  rules: OracleRules,
  moment: OracleMoment,
): { readonly ms: number | undefined } | string {
  const named = bound === 'start' ? rules.startField : rules.endField;
  const ids = candidates(bound, names, rules);
  const isThere = (field: string): boolean =>
    ids.some(
      (id) => Object.hasOwn(fields, id) && (sameName(id, field) || sameName(names.get(id) ?? '', field)),
    );
  const expected =
    named === undefined ? rules.setFields.filter((name) => hasName(defaultFields[bound], name)) : [named];
  if (expected.some((field) => !isThere(field))) return 'W12';
  // A field that is in the names but not in the fields failed to load; so did a field that was there before
  // and is gone.
  if (ids.some((id) => !Object.hasOwn(fields, id))) return 'W12';
  if ([...(moment.hadFields ?? [])].some((id) => !Object.hasOwn(fields, id))) return 'W12';
  const values = new Set<number>();
  for (const id of ids) {
    if (fields[id] === null) continue;
    const ms = instantOf(fields[id], bound, rules.timeZone);
    if (ms === undefined) return 'W10';
    values.add(ms);
  }
  return values.size > 1 ? 'W12' : { ms: [...values][0] };
}

/**
 * W10: parses a planned time, ignoring surrounding spaces; an end without a time of day is the last instant
 * of that day.
 */
function instantOf(value: unknown, bound: 'start' | 'end', timeZone: string): number | undefined {
  if (typeof value !== 'string') return undefined;
  const [, date = '', time, offset] =
    /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d))?$/.exec(value.trim()) ?? [];
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // A day that is not in the calendar becomes another day.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined;
  if (time === undefined || offset === undefined) {
    const next = new Date(midnight + 86_400_000).toISOString().slice(0, 10);
    return bound === 'start' ? dayStart(date, timeZone) : dayStart(next, timeZone) - 1;
  }
  const local = time.startsWith('T24') ? Number.NaN : Date.parse(`${date}${time}Z`);
  const ms = local - offsetMs(offset);
  return Number.isNaN(ms) ? undefined : ms;
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

const calendars = new Map<string, Intl.DateTimeFormat>();

/** Returns the first minute at which the calendar of a time zone shows a day. */
export function dayStart(date: string, timeZone: string): number {
  let calendar = calendars.get(timeZone);
  if (calendar === undefined) {
    // Swedish dates have the form 2026-06-13.
    calendar = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    calendars.set(timeZone, calendar);
  }
  const middle = Date.parse(`${date}T00:00:00Z`) / 60_000;
  let before = middle - 24 * 60;
  let reached = middle + 24 * 60;
  while (reached - before > 1) {
    const half = Math.floor((before + reached) / 2);
    if (calendar.format(half * 60_000) >= date) reached = half;
    else before = half;
  }
  return reached * 60_000;
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Members)
    : undefined;
}
