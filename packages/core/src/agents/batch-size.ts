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
  /** What held before it shrank, until a batch of the new size is accepted. */
  #beforeShrink: { readonly size: number; readonly okBeforeGrowth: number } | undefined;
  #okCount = 0;
  #hasGrown = false;
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
   * @param count 1 at least: a ping, which is empty, says nothing of sizes
   * @returns 'learned' where that confirms a smaller size
   */
  accepted(count: number): 'learned' | undefined {
    if (this.#refused !== undefined) {
      if (!this.#full && count < this.#refused) this.#shrink(Math.max(1, Math.floor(this.#refused / 2)));
      this.#refused = undefined;
      this.#full = false;
      return undefined;
    }
    if (this.#size === this.#configured || count < this.#size) return undefined;
    this.#okCount += 1;
    if (this.#okCount >= this.#okBeforeGrowth) {
      this.#okCount = 0;
      this.#size = Math.min(this.#configured, this.#size * 2);
      this.#hasGrown = true;
    }
    const isNews = this.#beforeShrink !== undefined;
    this.#beforeShrink = undefined;
    return isNews ? 'learned' : undefined;
  }

  /**
   * The agent answered FAILED to `count` events.
   *
   * @returns what that means: the channel is full, or not known yet (the next batch, of one event, will tell)
   */
  refused(count: number): 'full' | 'unclear' {
    this.#refused ??= count;
    if (count > 1) return 'unclear';
    this.#full = true;
    // A full channel with room for one event looked like one that takes small batches only.
    if (this.#beforeShrink !== undefined) {
      ({ size: this.#size, okBeforeGrowth: this.#okBeforeGrowth } = this.#beforeShrink);
      this.#beforeShrink = undefined;
    }
    return 'full';
  }

  #shrink(size: number): void {
    this.#beforeShrink ??= { size: this.#size, okBeforeGrowth: this.#okBeforeGrowth };
    if (this.#hasGrown) this.#okBeforeGrowth = Math.min(maxOkBeforeGrowth, this.#okBeforeGrowth * 2);
    this.#hasGrown = false;
    this.#size = Math.min(this.#size, size);
    this.#okCount = 0;
  }
}
