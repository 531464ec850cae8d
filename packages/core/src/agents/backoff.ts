// How long to wait after a failure: exponential, with full jitter, so that many clients do not come back together.

import type { Random } from '../clock.ts';

export interface BackoffOptions {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #failures = 0;

  constructor(options: BackoffOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  /** One more failure. @returns the wait after it in milliseconds: anything up to the exponential bound */
  next(): number {
    const { initialDelayMs, maxDelayMs } = this.#options;
    // 2^31 is beyond every maxDelayMs that the options allow.
    const bound = Math.min(maxDelayMs, initialDelayMs * 2 ** Math.min(this.#failures, 31));
    this.#failures += 1;
    return this.#random() * bound;
  }

  reset(): void {
    this.#failures = 0;
  }
}
