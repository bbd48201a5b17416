/** A simulation in virtual time that `npm run simulate` offers. */
export interface Simulation {
  /** For the usage: what is simulated, and the rule by which it is judged. */
  readonly summary: string;
  /** The default number of cases. */
  readonly cases: number;
  /** Deterministic: the same cases and the same seed give the same judgement. */
  judge(cases: number, seed: number): Promise<Judgement>;
}

export interface Judgement {
  /** The number of cases that ran to their end and were judged. */
  readonly judged: number;
  /** One text for each breach of the rule. */
  readonly breaches: readonly string[];
  /** The result for people. */
  readonly lines: readonly string[];
  /** The result for the bench. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Returns true if at least one case was judged, and none broke the rule. */
export function isProof({ judged, breaches }: Pick<Judgement, 'judged' | 'breaches'>): boolean {
  return judged > 0 && breaches.length === 0;
}
