interface Event<Subject> {
  atMs: number;
  order: number;
  run: (subject: Subject) => void;
}

/**
 * Acts that are due at times of the site's clock. There are no timers: acts only run when somebody takes
 * them.
 */
export class Schedule<Subject> {
  readonly #events: Event<Subject>[] = [];
  #order = 0;

  add(atMs: number, run: (subject: Subject) => void): void {
    const event = { atMs, order: this.#order, run };
    this.#order += 1;
    let place = this.#events.length;
    while (place > 0 && (this.#events[place - 1]?.atMs ?? 0) > atMs) {
      place -= 1;
    }
    this.#events.splice(place, 0, event);
  }

  /** When the next act is due; infinity if there is none. */
  get nextAtMs(): number {
    return this.#events[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Removes and returns the next act that is due at `nowMs`. */
  take(nowMs: number): Event<Subject> | undefined {
    return this.nextAtMs <= nowMs ? this.#events.shift() : undefined;
  }
}
