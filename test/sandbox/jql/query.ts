import type { Account } from '../account.ts';
import { type IndexEntry, type Issue, textOf } from '../issue.ts';
import type { ChangeModel } from '../model.ts';
import { categories } from '../workflow.ts';
import { matchesText, readTextQuery } from './text-query.ts';

/** An issue as a search sees it. */
export interface Found {
  readonly issue: Issue;
  readonly entry: IndexEntry;
}

interface Query {
  /** Undefined for no restriction. */
  readonly where: ((found: Found) => boolean) | undefined;
  readonly order: (left: Found, right: Found) => number;
}

/** A query that is refused with 400; the message is Jira's where Jira has one. */
export class JqlError extends Error {
  override readonly name = 'JqlError';
}

type Predicate = (found: Found) => boolean;

/**
 * Reads the forms of JQL that the step uses: `project =`, `summary ~`, `status`, `statusCategory`,
 * `issuetype`, `labels`, `reporter = currentUser()`, `created` and `updated` with a period, `key`, with AND,
 * OR, parentheses and ORDER BY. Anything else throws a `JqlError`.
 */
export function readJql(text: string, site: ChangeModel, asker: Account | undefined): Query {
  return new Reader(tokensOf(text), { site, asker }).query();
}

interface Asked {
  readonly site: ChangeModel;
  /** The account behind `currentUser()`. */
  readonly asker: Account | undefined;
}

type Token = { readonly kind: 'word' | 'text' | 'mark'; readonly text: string };

const tokenPattern =
  /\s*(?:(?<text>"(?:\\["\\]|[^"\\\n\r])*")|(?<mark>[!<>]=|[=~<>(),])|(?<word>[\p{L}\p{N}_-]+))/uy;

function tokensOf(jql: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = jql.trimEnd().length;
  for (let index = 0; index < end; index = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = index;
    const { text, mark, word } = tokenPattern.exec(jql)?.groups ?? {};
    if (text !== undefined)
      tokens.push({ kind: 'text', text: text.slice(1, -1).replace(/\\(["\\])/g, '$1') });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else throw new JqlError(`Error in the JQL Query: unreadable from '${jql.slice(index).trim()}'.`);
  }
  return tokens;
}

/** A recursive descent parser: or, and, clause. */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #asked: Asked;
  #next = 0;

  constructor(tokens: readonly Token[], asked: Asked) {
    this.#tokens = tokens;
    this.#asked = asked;
  }

  query(): Query {
    const isOpen = this.#tokens.length === 0 || this.#isNext('order');
    const where = isOpen ? undefined : this.#or();
    const order = this.#order();
    if (this.#next < this.#tokens.length) throw this.#unexpected("'OR', 'AND' or 'ORDER BY'");
    return { where, order };
  }

  #or(): Predicate {
    const parts = [this.#and()];
    while (this.#takes('or')) parts.push(this.#and());
    return (found) => parts.some((part) => part(found));
  }

  #and(): Predicate {
    const parts = [this.#part()];
    while (this.#takes('and')) parts.push(this.#part());
    return (found) => parts.every((part) => part(found));
  }

  #part(): Predicate {
    if (!this.#takes('(')) return this.#clause();
    const inner = this.#or();
    this.#expect(')');
    return inner;
  }

  #clause(): Predicate {
    const field = this.#value('a field name');
    const read = clauses.get(field.toLowerCase());
    if (read === undefined) throw unknownField(field);
    if (this.#takes('in')) {
      this.#expect('(');
      const values = [this.#value('a value')];
      while (this.#takes(',')) values.push(this.#value('a value'));
      this.#expect(')');
      return read({ field, operator: 'in', values }, this.#asked);
    }
    const operator = ['=', '!=', '~', '<', '<=', '>', '>='].find((mark) => this.#takes(mark));
    if (operator === undefined) throw this.#unexpected('an operator');
    const value = this.#value('a value');
    if (!this.#takes('(')) return read({ field, operator, values: [value] }, this.#asked);
    this.#expect(')');
    return read({ field, operator, values: [`${value}()`] }, this.#asked);
  }

  #order(): Query['order'] {
    const steps: Query['order'][] = [];
    if (this.#takes('order')) {
      this.#expect('by');
      do steps.push(this.#orderStep());
      while (this.#takes(','));
    }
    // By default the newest issue comes first.
    steps.push((left, right) => Number(right.issue.id) - Number(left.issue.id));
    return (left, right) => steps.map((step) => step(left, right)).find((order) => order !== 0) ?? 0;
  }

  #orderStep(): Query['order'] {
    const field = this.#value('a field name');
    const read = orders.get(field.toLowerCase());
    if (read === undefined) throw unknownField(field);
    const sign = this.#takes('desc') ? -1 : 1;
    if (sign === 1) this.#takes('asc');
    return (left, right) => sign * (read(left) - read(right));
  }

  #value(what: string): string {
    const token = this.#tokens[this.#next];
    if (token === undefined || token.kind === 'mark') throw this.#unexpected(what);
    this.#next += 1;
    return token.text;
  }

  #isNext(text: string): boolean {
    const token = this.#tokens[this.#next];
    return token !== undefined && token.kind !== 'text' && token.text.toLowerCase() === text;
  }

  #takes(text: string): boolean {
    const isNext = this.#isNext(text);
    if (isNext) this.#next += 1;
    return isNext;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(`'${text}'`);
  }

  #unexpected(expected: string): JqlError {
    const token = this.#tokens[this.#next];
    const found = token === undefined ? 'before the end of the query' : `but got '${token.text}'`;
    return new JqlError(`Error in the JQL Query: Expecting ${expected} ${found}.`);
  }
}

interface Clause {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

const clauses = new Map<string, (clause: Clause, asked: Asked) => Predicate>(
  Object.entries({
    project: (clause, { site }) => {
      const [value] = valuesFor(clause, '=');
      const project = site.projects.find(({ key, name, id }) =>
        [key, name, id].some((one) => same(one, value)),
      );
      if (project === undefined || !site.behaviour.permissions.browse)
        throw missingValue(clause.field, value);
      return ({ entry }) => entry.project.id === project.id;
    },
    statuscategory: (clause) => {
      const [value] = valuesFor(clause, '=', '!=');
      const category = Object.values(categories).find(
        ({ name, key }) => same(name, value) || same(key, value),
      );
      if (category === undefined) throw missingValue(clause.field, value);
      return ({ entry }) => (entry.status.category.key === category.key) === (clause.operator === '=');
    },
    status: (clause, { site }) => {
      const known = site.projects.flatMap(({ workflow }) => workflow.statuses);
      const ids = valuesFor(clause, '=', 'in').map((value) => {
        const status = known.find(({ id, name }) => same(name, value) || same(id, value));
        if (status === undefined) throw missingValue(clause.field, value);
        return status.id;
      });
      return ({ entry }) => ids.includes(entry.status.id);
    },
    key: (clause, { site }) => {
      const ids = valuesFor(clause, '=', 'in').map((value) => {
        const issue = site.find(value);
        if (issue === undefined || !site.behaviour.permissions.browse)
          throw new JqlError(`An issue with key '${value}' does not exist for field '${clause.field}'.`);
        return issue.id;
      });
      return ({ issue }) => ids.includes(issue.id);
    },
    created: (clause, { site }) => dateClause(clause, site, ({ issue }) => issue.createdMs),
    updated: (clause, { site }) => dateClause(clause, site, ({ entry }) => entry.updatedMs),
    issuetype: (clause, { site }) => {
      const [value] = valuesFor(clause, '=');
      const types = site.projects.flatMap(({ issueTypes }) => issueTypes);
      const ids = types.flatMap(({ id, name }) => (same(id, value) || same(name, value) ? [id] : []));
      if (ids.length === 0) throw missingValue(clause.field, value);
      return ({ entry }) => ids.includes(entry.issueTypeId);
    },
    reporter: (clause, { asker }) => {
      const [value] = valuesFor(clause, '=');
      if (!same(value, 'currentUser()')) throw missingValue(clause.field, value);
      return ({ issue }) => issue.reporter === asker;
    },
    labels: (clause) => {
      const [value] = valuesFor(clause, '=');
      return ({ entry }) => {
        const labels = entry.values.get('labels');
        return Array.isArray(labels) && labels.some((label) => same(String(label), value));
      };
    },
    summary: (clause) => {
      const [value] = valuesFor(clause, '~');
      const query = readTextQuery(value);
      if (query === undefined)
        throw new JqlError(`Unable to parse the text '${value}' for field '${clause.field}'.`);
      return ({ entry }) => matchesText(query, textOf(entry.values, 'summary'));
    },
  }),
);

function valuesFor(
  { field, operator, values }: Clause,
  ...operators: readonly string[]
): [string, ...string[]] {
  const [first, ...others] = values;
  if (first === undefined || !operators.includes(operator))
    throw new JqlError(`The operator '${operator}' is not supported by the '${field}' field.`);
  return [first, ...others];
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function dateClause(clause: Clause, site: ChangeModel, read: (found: Found) => number): Predicate {
  const [value] = valuesFor(clause, '>=', '<');
  const [, amount, unit = ''] = /^-(\d+)([mhdw])$/.exec(value) ?? [];
  if (amount === undefined)
    throw new JqlError(
      `Date value '${value}' for field '${clause.field}' is invalid. Use a period such as -5d.`,
    );
  const limitMs = site.now() - Number(amount) * (unitMs[unit] ?? 0);
  return (found) => read(found) >= limitMs === (clause.operator === '>=');
}

const orders = new Map<string, (found: Found) => number>(
  Object.entries({
    created: ({ issue }) => issue.createdMs,
    updated: ({ entry }) => entry.updatedMs,
    key: ({ entry }) => Number(entry.key.slice(entry.key.lastIndexOf('-') + 1)),
  }),
);

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function missingValue(field: string, value: string): JqlError {
  return new JqlError(`The value '${value}' does not exist for the field '${field}'.`);
}

function unknownField(field: string): JqlError {
  return new JqlError(`Field '${field}' does not exist or you do not have permission to view it.`);
}
