/** A policy's text as YAML. */
export interface PolicySource {
  readonly faults: readonly SyntaxFault[];
  /** Offsets of tabs; the text is read as if they were blanks. */
  readonly tabs: readonly number[];
  /** One tree, or two where keys are doubled: with the first value of each and with the last. */
  readonly trees: readonly [SourceTree, ...SourceTree[]];
  /** Line and column, both from 1, of an offset. */
  placeOf(offset: number): Place;
  /** The text that the offsets count in. */
  readonly text: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SyntaxFault {
  readonly offset: number;
  readonly message: string;
  /** What follows it in the text may read otherwise than it was meant. */
  readonly structural: boolean;
  /** The part of the policy that it is about, where that is not the one at the offset. */
  readonly pointer?: string;
}

/** The plain value of a YAML document, and where each part of it stands. */
export interface SourceTree {
  readonly value: unknown;
  /** By JSON pointer. */
  readonly nodes: ReadonlyMap<string, SourceNode>;
}

export interface SourceNode {
  readonly pointer: string;
  readonly key?: string;
  readonly keyOffset?: number;
  readonly start: number;
  readonly end: number;
  /** Set for text, numbers, booleans and null alone. */
  readonly scalar?: string | number | boolean | null;
  /** The scalar as it is written. */
  readonly written?: string;
}
