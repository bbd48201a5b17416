/** Something that `npm run simulate` can play, in virtual time. */
export interface Simulation {
  /** For the usage: what is played, and by which rule it is judged. */
  readonly summary: string;
  /** How many cases are played unless the call says otherwise. */
  readonly cases: number;
  /** The same cases and the same seed give the same judgement. */
  judge(cases: number, seed: number): Promise<Judgement>;
}

export interface Judgement {
  /** How many cases were played to their end and held against the rule. */
  readonly judged: number;
  /** What broke the rule, one text each. */
  readonly breaches: readonly string[];
  /** For people. */
  readonly lines: readonly string[];
  /** For the bench. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Whether something was judged, and nothing broke the rule. */
export function isProof({ judged, breaches }: Pick<Judgement, 'judged' | 'breaches'>): boolean {
  return judged > 0 && breaches.length === 0;
}
