// How many events a batch for one agent may have: what was configured, until the agent shows that it takes fewer.
//
// FAILED has two meanings: the batch is above the agent's transactionCapacity, or its channel is full. One event sent
// alone tells them apart. OK: the batch was too large, so it is halved and the size remembered. FAILED: the channel is
// full, and the size stays.

/** OK answers at a learned size before a larger one is tried; doubled each time that this was too early. */
const okBeforeGrowth = 32;
const maxOkBeforeGrowth = 1024;

export class BatchSize {
  readonly #configured: number;
  #size: number;
  /** The size of the refused batch that a single event is to explain. */
  #refused: number | undefined;
  #full = false;
  #okCount = 0;
  #okBeforeGrowth = okBeforeGrowth;

  constructor(configured: number) {
    this.#configured = configured;
    this.#size = configured;
  }

  /** Most events that the next batch may have. */
  get next(): number {
    return this.#refused === undefined ? this.#size : 1;
  }

  /** The agent is known to take fewer events than configured. */
  get learned(): number | undefined {
    return this.#size < this.#configured ? this.#size : undefined;
  }

  /**
   * The agent answered OK to `count` events.
   *
   * @returns 'shrunk' where that says that the batch which it refused before was too large
   */
  accepted(count: number): 'shrunk' | undefined {
    if (this.#refused !== undefined) {
      const tooLarge = !this.#full && count < this.#refused;
      if (tooLarge) this.#shrink(Math.max(1, Math.floor(this.#refused / 2)));
      this.#refused = undefined;
      this.#full = false;
      return tooLarge ? 'shrunk' : undefined;
    }
    if (this.#size < this.#configured && count === this.#size) {
      this.#okCount += 1;
      if (this.#okCount >= this.#okBeforeGrowth) {
        this.#okCount = 0;
        this.#size = Math.min(this.#configured, this.#size * 2);
      }
    }
    return undefined;
  }

  /**
   * The agent answered FAILED to `count` events.
   *
   * @returns what that means: the channel is full, or not known yet (the next batch, of one event, will tell)
   */
  refused(count: number): 'full' | 'unclear' {
    if (count > 1) {
      this.#refused ??= count;
      return 'unclear';
    }
    this.#refused ??= 1;
    this.#full = true;
    return 'full';
  }

  #shrink(size: number): void {
    if (this.#size < this.#configured || this.#okCount > 0) {
      this.#okBeforeGrowth = Math.min(maxOkBeforeGrowth, this.#okBeforeGrowth * 2);
    }
    this.#size = Math.min(this.#size, size);
    this.#okCount = 0;
  }
}
