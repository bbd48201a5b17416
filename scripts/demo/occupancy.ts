/** What a task is doing at a moment; `none` before it begins and after it ends. */
export type Occupation = 'none' | 'queued' | 'slot' | 'parked';

interface Sample {
  readonly atMs: number;
  readonly occupations: readonly Occupation[];
}

const marks: Readonly<Record<Occupation, string>> = { none: ' ', queued: '░', slot: '█', parked: '·' };

/** If a column of the picture covers several states, the first one in this list is shown. */
const order: readonly Occupation[] = ['slot', 'queued', 'parked', 'none'];

/** Records over time who held a slot of the task cap, who waited for a slot, and who was parked. */
export class Occupancy {
  readonly #names: readonly string[];
  readonly #samples: Sample[] = [];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** @param occupations one per name */
  note(atMs: number, occupations: readonly Occupation[]): void {
    this.#samples.push({ atMs, occupations });
  }

  /** The total time that tasks spent in this state. */
  secondsOf(occupation: Occupation): number {
    const total = this.#samples.reduce((sum, { atMs, occupations }, index) => {
      const untilMs = this.#samples[index + 1]?.atMs ?? atMs;
      return sum + occupations.filter((each) => each === occupation).length * (untilMs - atMs);
    }, 0);
    return total / 1000;
  }

  /** Returns the lines of the picture: one per name, and one with the number of slots in use. */
  picture(columns: number): readonly string[] {
    const widest = Math.max(...this.#names.map((name) => name.length), 'slots used'.length);
    const row = (name: string, cells: readonly string[]): string =>
      `${name.padEnd(widest)} |${cells.join('')}|`;
    const spans = this.#spans(columns);
    return [
      ...this.#names.map((name, index) =>
        row(
          name,
          spans.map((span) => {
            const seen = span.map(({ occupations }) => occupations[index]);
            return marks[order.find((each) => seen.includes(each)) ?? 'none'];
          }),
        ),
      ),
      row(
        'slots used',
        spans.map((span) => {
          const used = span.map(({ occupations }) => occupations.filter((each) => each === 'slot').length);
          return String(Math.max(0, ...used));
        }),
      ),
    ];
  }

  /** The samples of each column; a column without samples shows the last sample before it. */
  #spans(columns: number): readonly (readonly Sample[])[] {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined) return [];
    const columnMs = Math.max(1, (last.atMs - first.atMs) / columns);
    const spans = Array.from({ length: columns }, (): Sample[] => []);
    // The last sample only marks the end of the one before it.
    for (const sample of this.#samples.slice(0, -1)) {
      spans[Math.min(columns - 1, Math.floor((sample.atMs - first.atMs) / columnMs))]?.push(sample);
    }
    let before: readonly Sample[] = [first];
    return spans.map((span) => {
      if (span.length > 0) before = span.slice(-1);
      return span.length > 0 ? span : before;
    });
  }
}

export const legend = '█ holds a slot   ░ waits for a slot   · parked: holds nothing';
