/** A bucket of tokens that refills over time; each request takes one token. */
export class TokenBucket {
  #tokens: number;
  #atMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes a token and returns 0, or returns the milliseconds until one is available. */
  take(nowMs: number, perMinute: number, burst: number): number {
    const grown = ((nowMs - this.#atMs) * perMinute) / 60_000;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, grown));
    this.#atMs = nowMs;
    if (this.#tokens < 1) return ((1 - this.#tokens) * 60_000) / perMinute;
    this.#tokens -= 1;
    return 0;
  }
}
