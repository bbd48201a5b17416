import type { FaultOrder } from '../fault.ts';
import type { Site } from '../site.ts';

const minuteMs = 60_000;

/** Breaks the site: every request to the API is answered with 503 for a minute. The pages still work. */
export class Outage {
  readonly #site: Site;
  #countBefore = 0;
  #order: FaultOrder & { untilMs: number } = { fault: { kind: 'status', status: 503 }, untilMs: 0 };

  constructor(site: Site) {
    this.#site = site;
  }

  begin(): void {
    this.end();
    this.#countBefore = this.#site.requestCount;
    const fromMs = this.#site.now();
    this.#order = { ...this.#order, fromMs, untilMs: fromMs + minuteMs };
    this.#site.faults.add(this.#order);
  }

  end(): void {
    this.#order.untilMs = 0;
  }

  /** The number of requests that the outage has broken so far. */
  get brokenCount(): number {
    return this.#site.requestCount - this.#countBefore;
  }

  /** When the outage ends; undefined if the site works. */
  get endsMs(): number | undefined {
    return this.#order.untilMs > this.#site.now() ? this.#order.untilMs : undefined;
  }
}
