/** A JQL query as read: nothing in it is resolved yet. */

export type Operand =
  | { kind: 'value'; text: string }
  | { kind: 'function'; name: string; args: readonly string[] }
  | { kind: 'list'; items: readonly Operand[] }
  | { kind: 'empty' };

export type Operator = '=' | '!=' | '~' | '!~' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';

export type Condition =
  | { kind: 'and' | 'or'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | { kind: 'clause'; field: string; operator: Operator; operand: Operand };

export interface OrderKey {
  field: string;
  descending: boolean;
}

export interface Query {
  /** Undefined: no restriction at all. */
  where: Condition | undefined;
  orderBy: readonly OrderKey[];
}
