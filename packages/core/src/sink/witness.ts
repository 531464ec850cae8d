// A witness for an agent and the way to it, apart from the batches that are set aside: by it an event that breaks its
// connection is told from a link that breaks by chance.

import type { Backoff } from '../agents/backoff.ts';

export class Witness {
  /** Nothing is tried with it before, since trials failed in a row with nothing accepted between them. */
  restEnd = 0;
  readonly #backoff: Backoff;
  #passedAtBreak = -1;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** Batches that it accepted. */
  passed = 0;
  /** Failures that no batch set aside explains. */
  flaws = 0;
  /** The largest event that it is known to have taken, in bytes. */
  largest = 0;

  /** A trial broke. @returns the backoff where it is to be left alone */
  broke(): Backoff | undefined {
    const isInARow = this.passed === this.#passedAtBreak;
    this.#passedAtBreak = this.passed;
    if (isInARow) return this.#backoff;
    this.#backoff.reset();
    return undefined;
  }
}
