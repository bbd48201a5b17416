/** An event that is due at a time. */
interface Due {
  readonly atMs: number;
  readonly order: number;
  act: (() => void) | undefined;
}

/** How long the loop waits for real work (such as an import that is loading) before it gives up. */
const longestWorkMs = 20_000;

/**
 * Time that passes only when everything is waiting. Code that waits adds the next event to the queue; the
 * loop lets all promises settle, then advances to the next event that is due. Events at equal times keep the
 * order in which they were scheduled, so that one seed always gives the same run.
 */
export class VirtualTime {
  readonly #heap: Due[] = [];
  #now = 0;
  #order = 0;

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  /** Calls `act` after `delayMs`. */
  after(delayMs: number, act: () => void): Due {
    const due: Due = { atMs: this.#now + Math.max(0, delayMs), order: this.#order, act };
    this.#order += 1;
    this.#push(due);
    return due;
  }

  cancel(due: Due): void {
    due.act = undefined;
  }

  /**
   * Lets time pass until `isDone`.
   * @param isWorking returns true while real work is running whose end is not in the queue
   * @param untilMs a run that has not ended by then hangs, and the simulation fails
   */
  async pass(isDone: () => boolean, isWorking: () => boolean, untilMs: number): Promise<void> {
    let workSince: number | undefined;
    for (;;) {
      await settle();
      if (isDone()) return;
      if (isWorking()) {
        workSince ??= performance.now();
        if (performance.now() - workSince > longestWorkMs)
          throw new Error('the simulation waits for something that never ends');
        continue;
      }
      workSince = undefined;
      const next = this.#pop();
      if (next === undefined) throw new Error('nothing is due any more, and not every run has ended');
      if (next.act === undefined) continue;
      if (next.atMs > untilMs) throw new Error(`a run did not end within ${untilMs} ms`);
      this.#now = Math.max(this.#now, next.atMs);
      next.act();
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(due);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isSooner(due, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = heap[below];
      const right = heap[below + 1];
      if (child === undefined) break;
      if (right !== undefined && isSooner(right, child)) {
        below += 1;
        child = right;
      }
      if (!isSooner(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

function isSooner(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/**
 * Resolves when the next turn of the event loop begins: by then, every promise that can settle has settled.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
