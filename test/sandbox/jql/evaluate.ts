import type { Account } from '../account.ts';
import type { FieldDefinition } from '../field.ts';
import { type IndexEntry, type Issue, textOf } from '../issue.ts';
import { offsetMinutes } from '../jira-date.ts';
import type { ChangeModel } from '../model.ts';
import { type Category, categories } from '../workflow.ts';
import { JqlError } from './jql-error.ts';
import type { Condition, Operand, Operator, OrderKey } from './query.ts';
import { matchesText, parseTextQuery } from './text-query.ts';
import { indexedWords } from './words.ts';

/** An issue as a search sees it. */
export interface Found {
  issue: Issue;
  entry: IndexEntry;
}

export type Predicate = (found: Found) => boolean;

export interface SearchContext {
  site: ChangeModel;
  account: Account | undefined;
}

type Clause = Condition & { kind: 'clause' };

function missingValue(value: string, field: string): JqlError {
  return new JqlError(`The value '${value}' does not exist for the field '${field}'.`);
}

function wrongOperator(clause: Clause): JqlError {
  return new JqlError(`The operator '${clause.operator}' is not supported by the '${clause.field}' field.`);
}

/** The plain values of an operand; functions are resolved by the reader of the field. */
function operandItems(clause: Clause): readonly Operand[] {
  const isList = clause.operator === 'in' || clause.operator === 'not in';
  if (isList !== (clause.operand.kind === 'list')) {
    throw new JqlError(
      `Operator '${clause.operator}' does not support ${isList ? 'single values' : 'lists'} for field '${clause.field}'.`,
    );
  }
  return clause.operand.kind === 'list' ? clause.operand.items : [clause.operand];
}

const equality: readonly Operator[] = ['=', '!=', 'in', 'not in'];

/** Clauses that compare one value of the issue with named ones; `resolve` throws for a value that does not exist. */
function oneOf(
  clause: Clause,
  resolve: (operand: Operand) => readonly string[],
  read: (found: Found) => string,
): Predicate {
  if (!equality.includes(clause.operator)) {
    throw wrongOperator(clause);
  }
  const wanted = new Set(operandItems(clause).flatMap((item) => resolve(item)));
  const negated = clause.operator === '!=' || clause.operator === 'not in';
  return (found) => wanted.has(read(found)) !== negated;
}

function plainText(operand: Operand, field: string): string {
  if (operand.kind !== 'value') {
    throw new JqlError(`A value provided for the field '${field}' is not supported by it.`);
  }
  return operand.text;
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** A name as the account's language has it, or in English. */
function isNamed(site: ChangeModel, name: string, wanted: string): boolean {
  const other = site.behaviour.translations[name];
  return same(name, wanted) || (other !== undefined && same(other, wanted));
}

function projectClause(clause: Clause, { site }: SearchContext): Predicate {
  const resolve = (operand: Operand): string[] => {
    const text = plainText(operand, clause.field);
    const found = site.projects.find((one) => same(one.key, text) || same(one.name, text) || one.id === text);
    if (found === undefined || !site.behaviour.permissions.browse) {
      throw missingValue(text, clause.field);
    }
    return [found.id];
  };
  return oneOf(clause, resolve, (found) => found.entry.project.id);
}

function statusClause(clause: Clause, { site }: SearchContext): Predicate {
  const statuses = site.projects.flatMap((project) => project.workflow.statuses);
  const resolve = (operand: Operand): string[] => {
    const text = plainText(operand, clause.field);
    const ids = statuses
      .filter((one) => isNamed(site, one.name, text) || one.id === text)
      .map((one) => one.id);
    if (ids.length === 0) {
      throw missingValue(text, clause.field);
    }
    return ids;
  };
  return oneOf(clause, resolve, (found) => found.entry.status.id);
}

function categoryClause(clause: Clause): Predicate {
  const all: Category[] = Object.values(categories);
  const resolve = (operand: Operand): string[] => {
    const text = plainText(operand, clause.field);
    const known = all.find(
      (one) => same(one.name, text) || one.key === text.toLowerCase() || String(one.id) === text,
    );
    if (known === undefined) {
      throw missingValue(text, clause.field);
    }
    return [known.key];
  };
  return oneOf(clause, resolve, (found) => found.entry.status.category.key);
}

function typeClause(clause: Clause, { site }: SearchContext): Predicate {
  const types = site.projects.flatMap((project) => project.issueTypes);
  const resolve = (operand: Operand): string[] => {
    const text = plainText(operand, clause.field);
    const ids = types.filter((one) => isNamed(site, one.name, text) || one.id === text).map((one) => one.id);
    if (ids.length === 0) {
      throw missingValue(text, clause.field);
    }
    return ids;
  };
  return oneOf(clause, resolve, (found) => found.entry.issueTypeId);
}

function reporterClause(clause: Clause, { site, account }: SearchContext): Predicate {
  const resolve = (operand: Operand): string[] => {
    if (operand.kind === 'function' && operand.name === 'currentuser') {
      return account === undefined ? [] : [account.accountId];
    }
    const text = plainText(operand, clause.field);
    const found = site.accounts.find((one) => [one.accountId, one.name, one.emailAddress].includes(text));
    if (found === undefined) {
      throw missingValue(text, clause.field);
    }
    return [found.accountId];
  };
  return oneOf(clause, resolve, (found) => found.issue.reporter.accountId);
}

function keyNumber(key: string): { project: string; number: number } {
  const dash = key.lastIndexOf('-');
  return { project: key.slice(0, dash), number: Number(key.slice(dash + 1)) };
}

const comparisons: Partial<Record<Operator, (left: number, right: number) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function keyClause(clause: Clause, { site }: SearchContext): Predicate {
  const resolve = (operand: Operand): string[] => {
    const text = plainText(operand, clause.field);
    const found = site.find(text);
    if (found === undefined || !site.behaviour.permissions.browse) {
      throw /^[A-Za-z][A-Za-z0-9_]*-\d+$/.test(text)
        ? new JqlError(`An issue with key '${text}' does not exist for field '${clause.field}'.`)
        : new JqlError(`The issue key '${text}' for field '${clause.field}' is invalid.`);
    }
    return [found.id];
  };
  const compare = comparisons[clause.operator];
  if (compare === undefined) {
    return oneOf(clause, resolve, (found) => found.issue.id);
  }
  const limit = site.find(resolve(operandItems(clause)[0] ?? { kind: 'empty' })[0] ?? '');
  const wanted = keyNumber(limit?.key ?? '');
  return ({ entry }) => {
    const own = keyNumber(entry.key);
    return own.project === wanted.project && compare(own.number, wanted.number);
  };
}

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function startOfDay(ms: number, timeZone: string): number {
  const shift = offsetMinutes(ms, timeZone) * 60_000;
  return Math.floor((ms + shift) / 86_400_000) * 86_400_000 - shift;
}

/** The instant that a date operand means. */
function readDate(operand: Operand, clause: Clause, site: ChangeModel): number {
  const now = site.now();
  if (operand.kind === 'function') {
    const today = startOfDay(now, site.timeZone);
    const dates: Record<string, number> = { now, startofday: today, endofday: today + 86_399_999 };
    const date = dates[operand.name];
    if (date === undefined || operand.args.length > 0) {
      throw new JqlError(`Unable to find JQL function '${operand.name}(${operand.args.join(', ')})'.`);
    }
    return date;
  }
  const text = plainText(operand, clause.field);
  const relative = /^([+-]?)(\d+)([mhdw])$/.exec(text);
  if (relative !== null) {
    const size = Number(relative[2]) * (unitMs[relative[3] ?? ''] ?? 0);
    return now + (relative[1] === '-' ? -size : size);
  }
  const absolute = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?: (\d{1,2}):(\d\d))?$/.exec(text);
  if (absolute !== null) {
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0] = absolute
      .slice(1)
      .map((part) => Number(part ?? 0));
    const local = Date.UTC(year, month - 1, day, hour, minute);
    return local - offsetMinutes(local, site.timeZone) * 60_000;
  }
  throw new JqlError(
    `Date value '${text}' for field '${clause.field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', ` +
      `'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
  );
}

function dateClause(
  clause: Clause,
  site: ChangeModel,
  read: (found: Found) => number | undefined,
): Predicate {
  const compare = comparisons[clause.operator];
  if (compare !== undefined) {
    const limit = readDate(clause.operand, clause, site);
    return (found) => {
      const own = read(found);
      return own !== undefined && compare(own, limit);
    };
  }
  return emptyClause(clause, (found) => read(found) === undefined);
}

function emptyClause(clause: Clause, isEmpty: (found: Found) => boolean): Predicate {
  if (clause.operand.kind !== 'empty' || !['is', 'is not', '=', '!='].includes(clause.operator)) {
    throw wrongOperator(clause);
  }
  const negated = clause.operator === 'is not' || clause.operator === '!=';
  return (found) => isEmpty(found) !== negated;
}

function textClause(clause: Clause, fieldIds: readonly string[]): Predicate {
  if (clause.operator === 'is' || clause.operator === 'is not') {
    return emptyClause(clause, ({ entry }) => fieldIds.every((id) => textOf(entry.values, id) === ''));
  }
  if (clause.operator !== '~' && clause.operator !== '!~') {
    throw wrongOperator(clause);
  }
  const query = parseTextQuery(plainText(clause.operand, clause.field), clause.field);
  const negated = clause.operator === '!~';
  return ({ entry }) =>
    fieldIds.some((id) => matchesText(query, indexedWords(textOf(entry.values, id)))) !== negated;
}

function labelClause(clause: Clause, fieldId: string): Predicate {
  if (clause.operator === 'is' || clause.operator === 'is not') {
    return emptyClause(clause, ({ entry }) => entry.values.get(fieldId) === undefined);
  }
  if (!equality.includes(clause.operator)) {
    throw wrongOperator(clause);
  }
  const wanted = operandItems(clause).map((item) => plainText(item, clause.field));
  const negated = clause.operator === '!=' || clause.operator === 'not in';
  return ({ entry }) => {
    const labels = entry.values.get(fieldId);
    return (Array.isArray(labels) && wanted.some((one) => labels.includes(one))) !== negated;
  };
}

/** Clauses on fields of the site's own. */
function customClause(clause: Clause, field: FieldDefinition, site: ChangeModel): Predicate {
  const read = ({ entry }: Found): unknown => entry.values.get(field.id);
  switch (field.kind) {
    case 'text':
    case 'textarea':
      return textClause(clause, [field.id]);
    case 'datetime':
    case 'date':
      return dateClause(clause, site, (found) => {
        const value = read(found);
        return typeof value === 'string' ? Date.parse(value.replace(/(\d\d)(\d\d)$/, '$1:$2')) : undefined;
      });
    case 'labels':
      return labelClause(clause, field.id);
    default:
      return emptyClause(clause, (found) => read(found) === undefined);
  }
}

const aliases: Record<string, string> = {
  issuekey: 'key',
  issue: 'key',
  id: 'key',
  type: 'issuetype',
  createddate: 'created',
  updateddate: 'updated',
  creator: 'reporter',
};

type ClauseReader = (clause: Clause, context: SearchContext) => Predicate;

const readers: Record<string, ClauseReader> = {
  project: projectClause,
  status: statusClause,
  statuscategory: (clause) => categoryClause(clause),
  issuetype: typeClause,
  reporter: reporterClause,
  key: keyClause,
  created: (clause, { site }) => dateClause(clause, site, (found) => found.issue.createdMs),
  updated: (clause, { site }) => dateClause(clause, site, (found) => found.entry.updatedMs),
  summary: (clause) => textClause(clause, ['summary']),
  description: (clause) => textClause(clause, ['description']),
  text: (clause) => textClause(clause, ['summary', 'description']),
  labels: (clause) => labelClause(clause, 'labels'),
  // No stock transition sets a resolution.
  resolution: (clause) => emptyClause(clause, () => true),
};

function fieldKey(name: string): string {
  const lower = name.toLowerCase();
  return aliases[lower] ?? lower;
}

/** The custom field that `cf[10041]`, an id or a name means. */
function customField(name: string, site: ChangeModel): FieldDefinition | undefined {
  const number = /^cf\[(\d+)\]$/i.exec(name)?.[1];
  return site.fields.find(
    (field) => field.id === `customfield_${number}` || field.id === name || isNamed(site, field.name, name),
  );
}

function unknownField(name: string): JqlError {
  return new JqlError(`Field '${name}' does not exist or you do not have permission to view it.`);
}

function clausePredicate(clause: Clause, context: SearchContext): Predicate {
  const reader = readers[fieldKey(clause.field)];
  if (reader !== undefined) {
    return reader(clause, context);
  }
  const field = customField(clause.field, context.site);
  if (field === undefined) {
    throw unknownField(clause.field);
  }
  return customClause(clause, field, context.site);
}

/** Resolves a query against the site; throws `JqlError` for what does not exist there. */
export function compile(condition: Condition, context: SearchContext): Predicate {
  switch (condition.kind) {
    case 'clause':
      return clausePredicate(condition, context);
    case 'not': {
      const part = compile(condition.part, context);
      return (found) => !part(found);
    }
    case 'and': {
      const parts = condition.parts.map((part) => compile(part, context));
      return (found) => parts.every((part) => part(found));
    }
    case 'or': {
      const parts = condition.parts.map((part) => compile(part, context));
      return (found) => parts.some((part) => part(found));
    }
  }
}

const sortValues: Record<string, (found: Found) => number | string> = {
  created: (found) => found.issue.createdMs,
  updated: (found) => found.entry.updatedMs,
  key: ({ entry }) =>
    `${entry.project.key} ${entry.key.slice(entry.key.lastIndexOf('-') + 1).padStart(9, '0')}`,
  summary: (found) => textOf(found.entry.values, 'summary').toLowerCase(),
  status: (found) => found.entry.status.name,
  project: (found) => found.entry.project.key,
  statuscategory: (found) => found.entry.status.category.id,
};

function compareValues(left: number | string, right: number | string): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}

/** The order of the results; without ORDER BY the newest comes first. */
export function compileOrder(keys: readonly OrderKey[]): (left: Found, right: Found) => number {
  const steps = keys.map((key) => {
    const read = sortValues[fieldKey(key.field)];
    if (read === undefined) {
      throw unknownField(key.field);
    }
    return { read, sign: key.descending ? -1 : 1 };
  });
  return (left, right) => {
    for (const { read, sign } of steps) {
      const order = compareValues(read(left), read(right)) * sign;
      if (order !== 0) {
        return order;
      }
    }
    return Number(right.issue.id) - Number(left.issue.id);
  };
}
