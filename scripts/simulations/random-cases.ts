import fc from 'fast-check';
import type { Judgement } from './simulation.ts';

/** How one case ended, in a few words, and which rules it broke. */
interface JudgedCase {
  readonly ending: string;
  readonly breaches: readonly string[];
}

const casesPerCheck = 500;
const mostBreaches = 5;

/**
 * Runs random cases. For each case that breaks its rule, shows the smallest case that still does, with the
 * seed.
 */
export async function judgeRandomCases<Case>(
  drawn: fc.Arbitrary<Case>,
  play: (one: Case) => Promise<JudgedCase>,
  cases: number,
  seed: number,
): Promise<Judgement> {
  const endings = new Map<string, number>();
  const breaches: string[] = [];
  let judged = 0;
  const property = fc.asyncProperty(drawn, async (one) => {
    const { ending, breaches: broken } = await play(one);
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
    if (broken.length > 0) throw new Error(broken.join('\n'));
  });
  for (let index = 0; judged < cases && breaches.length < mostBreaches; index += 1) {
    const numRuns = Math.min(casesPerCheck, cases - judged);
    const checked = await fc.check(property, { numRuns, seed: seed + index });
    judged += checked.numRuns;
    if (!checked.failed) continue;
    const { errorInstance, counterexample, numShrinks } = checked;
    const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    breaches.push(
      `${what}\n  seed ${seed + index}, smallest input after ${numShrinks} steps: ${JSON.stringify(counterexample?.[0])}`,
    );
  }
  return { judged, breaches, lines: endingLines(endings), figures: {} };
}

/** Returns one line per ending, sorted by name. */
export function endingLines(endings: ReadonlyMap<string, number>): readonly string[] {
  return [...endings].sort(([a], [b]) => a.localeCompare(b)).map(([ending, times]) => `${ending}: ${times}`);
}
