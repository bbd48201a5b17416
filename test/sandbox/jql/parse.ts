import { JqlError } from './jql-error.ts';
import type { Condition, Operand, Operator, OrderKey, Query } from './query.ts';
import { type Token, tokenize } from './tokens.ts';

/** Reads JQL by descent: or, and, not, clause. */
class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokenize(text);
  }

  query(): Query {
    const where = this.#isEnd() || this.#isWord('order') ? undefined : this.#or();
    const orderBy = this.#orderBy();
    if (!this.#isEnd()) {
      throw this.#unexpected("'OR', 'AND' or 'ORDER BY'");
    }
    return { where, orderBy };
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '' };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }

  #isEnd(): boolean {
    return this.#peek().kind === 'end';
  }

  #isWord(...words: string[]): boolean {
    const token = this.#peek();
    return token.kind === 'word' && words.includes(token.text.toLowerCase());
  }

  #isOperator(...operators: string[]): boolean {
    const token = this.#peek();
    return token.kind === 'operator' && operators.includes(token.text);
  }

  #takeWord(...words: string[]): boolean {
    const found = this.#isWord(...words);
    this.#next += found ? 1 : 0;
    return found;
  }

  #unexpected(expected: string): JqlError {
    const token = this.#peek();
    return token.kind === 'end'
      ? new JqlError(`Error in the JQL Query: Expecting ${expected} before the end of the query.`)
      : new JqlError(`Error in the JQL Query: Expecting ${expected} but got '${token.text}'.`);
  }

  #or(): Condition {
    const parts = [this.#and()];
    while (this.#isWord('or') || this.#isOperator('||')) {
      this.#take();
      parts.push(this.#and());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #and(): Condition {
    const parts = [this.#not()];
    while (this.#isWord('and') || this.#isOperator('&', '&&')) {
      this.#take();
      parts.push(this.#not());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  #not(): Condition {
    if (this.#isWord('not') || this.#isOperator('!')) {
      this.#take();
      return { kind: 'not', part: this.#not() };
    }
    if (this.#peek().kind === 'open') {
      this.#take();
      const inner = this.#or();
      this.#close();
      return inner;
    }
    return this.#clause();
  }

  #close(): void {
    if (this.#peek().kind !== 'close') {
      throw this.#unexpected("')'");
    }
    this.#take();
  }

  #clause(): Condition {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'text') {
      throw this.#unexpected('a field name');
    }
    this.#take();
    const operator = this.#operator();
    return { kind: 'clause', field: token.text, operator, operand: this.#operand() };
  }

  #operator(): Operator {
    if (this.#takeWord('in')) {
      return 'in';
    }
    if (this.#takeWord('not')) {
      if (this.#takeWord('in')) {
        return 'not in';
      }
      throw this.#unexpected("'IN'");
    }
    if (this.#takeWord('is')) {
      return this.#takeWord('not') ? 'is not' : 'is';
    }
    if (this.#isOperator('=', '!=', '~', '!~', '<', '<=', '>', '>=')) {
      return this.#take().text as Operator;
    }
    throw this.#unexpected(
      "an operator: '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' or 'IS NOT'",
    );
  }

  #operand(): Operand {
    if (this.#peek().kind !== 'open') {
      return this.#value();
    }
    this.#take();
    const items = [this.#value()];
    while (this.#peek().kind === 'comma') {
      this.#take();
      items.push(this.#value());
    }
    this.#close();
    return { kind: 'list', items };
  }

  #value(): Operand {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'text') {
      throw this.#unexpected('a value, list or function');
    }
    this.#take();
    if (token.kind === 'word' && /^(?:empty|null)$/i.test(token.text)) {
      return { kind: 'empty' };
    }
    if (token.kind === 'text' || this.#peek().kind !== 'open') {
      return { kind: 'value', text: token.text };
    }
    return { kind: 'function', name: token.text.toLowerCase(), args: this.#args() };
  }

  #args(): string[] {
    this.#take();
    const args: string[] = [];
    while (this.#peek().kind === 'word' || this.#peek().kind === 'text') {
      args.push(this.#take().text);
      if (this.#peek().kind === 'comma') {
        this.#take();
      }
    }
    this.#close();
    return args;
  }

  #orderBy(): OrderKey[] {
    if (!this.#takeWord('order')) {
      return [];
    }
    if (!this.#takeWord('by')) {
      throw this.#unexpected("'BY'");
    }
    const keys = [this.#orderKey()];
    while (this.#peek().kind === 'comma') {
      this.#take();
      keys.push(this.#orderKey());
    }
    if (keys.length > 7) {
      throw new JqlError('Error in the JQL Query: at most 7 fields may be named after ORDER BY.');
    }
    return keys;
  }

  #orderKey(): OrderKey {
    const token = this.#peek();
    if (token.kind !== 'word' && token.kind !== 'text') {
      throw this.#unexpected('a field name');
    }
    this.#take();
    const descending = this.#takeWord('desc');
    if (!descending) {
      this.#takeWord('asc');
    }
    return { field: token.text, descending };
  }
}

const known = new Map<string, Query>();

/** Reads a JQL query; throws `JqlError` for one that Jira refuses. */
export function parseJql(text: string): Query {
  let query = known.get(text);
  if (query === undefined) {
    query = new Parser(text).query();
    if (known.size > 500) {
      known.clear();
    }
    known.set(text, query);
  }
  return query;
}
