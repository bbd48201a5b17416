/** Cloud's burst limit: a number of requests per second for one endpoint and method. */
export class RateLimit {
  readonly #windows = new Map<string, { second: number; count: number }>();

  /** Counts a request and returns true if it exceeds the limit. */
  isOver(endpoint: string, nowMs: number, perSecond: number): boolean {
    const second = Math.floor(nowMs / 1000);
    const window = this.#windows.get(endpoint);
    if (window === undefined || window.second !== second) {
      this.#windows.set(endpoint, { second, count: 1 });
      return perSecond < 1;
    }
    window.count += 1;
    return window.count > perSecond;
  }
}
