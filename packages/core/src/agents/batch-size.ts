// How many events a batch for one agent may have.
//
// A batch is refused for one of three reasons: it is above the agent's transactionCapacity, for ever; the agent's channel is
// full, for a while; or one of its events cannot be taken at all. The largest batch that was ever accepted tells the first
// from the others: what is not above it is not too large. Above it, one event sent alone tells: OK, and the size was too
// large. Then the largest size that passes is found by halves, and holds for an hour, or until the agent restarts.
//
// Where the size was not configured it begins at what every agent takes and grows while the agent accepts; the first refusal
// ends that, at the largest size accepted before.

import type { Clock } from '../clock.ts';

export interface BatchSizes {
  /** To begin with. */
  readonly start: number;
  /** The largest that is ever tried: `start` where it does not grow. */
  readonly most: number;
}

// The default transactionCapacity of Flume's memory channel, and where larger batches gain nothing more.
const adaptive: BatchSizes = { start: 100, most: 1_000 };

/** @param batchSize the option */
export function batchSizes(batchSize: number | undefined): BatchSizes {
  return batchSize === undefined ? adaptive : { start: batchSize, most: batchSize };
}

/** Full batches accepted in a row before a larger size is tried. */
const fullBeforeGrowth = 4;
/** Full batches accepted in a row before a ceiling is believed. */
const fullBeforeSure = 4;
const ceilingMs = 3_600_000;
// A full channel makes batches small; when it takes events again, they are large again after so long at the latest.
const smallMs = 60_000;

export class BatchSize {
  readonly #sizes: BatchSizes;
  readonly #clock: Clock;
  #size: number;
  /** The largest batch accepted since the agent was started, as far as one can know. */
  #accepted = 0;
  /** The smallest batch that was refused for its size, and since when none as large is tried. */
  #refused: { readonly count: number; readonly at: number } | undefined;
  /** `single` one event is to tell what a refusal means · `halving` between what was accepted and what was refused */
  #search: 'none' | 'single' | 'halving' = 'none';
  /** The result of a search. */
  #found: number | undefined;
  /** Grows from one event, after the channel was full. */
  #small: { size: number; readonly until: number } | undefined;
  /** A batch larger than any before is in flight: until it is answered no other is. */
  #isTrying = false;
  #fullInARow = 0;
  /** So many batches of the size were accepted since a larger one was refused that this was for its size. */
  #isSure = false;
  #isTold = false;

  constructor(sizes: BatchSizes, clock: Clock) {
    this.#sizes = sizes;
    this.#clock = clock;
    this.#size = sizes.start;
  }

  /** Most events that the next batch may have. */
  get next(): number {
    const now = this.#clock.now();
    if (this.#refused !== undefined && now - this.#refused.at >= ceilingMs) this.#tryLarger();
    if (this.#small !== undefined && now >= this.#small.until) this.#small = undefined;
    if (this.#search === 'single') return 1;
    const size = Math.min(this.#size, this.#small?.size ?? this.#size);
    return this.#isTrying ? Math.min(size, this.#accepted) : size;
  }

  /** The size as it is when the agent's channel has room. */
  get usual(): number {
    return this.#size;
  }

  /** So many events are not too many for the agent, whatever it says now. */
  isUsual(count: number): boolean {
    return count <= Math.max(1, this.#accepted);
  }

  sent(count: number): void {
    if (this.#isLargerThanKnown(count)) this.#isTrying = true;
  }

  /**
   * The agent answered OK to `count` events, 1 at least.
   *
   * @returns 'learned' where it is now sure that it takes fewer than it was to be sent
   */
  accepted(count: number): 'learned' | undefined {
    if (count > this.#accepted) {
      this.#accepted = count;
      this.#isTrying = false;
    }
    if (this.#small !== undefined) {
      if (count >= this.#small.size) this.#small.size *= 2;
      if (this.#small.size >= this.#size) this.#small = undefined;
      return undefined;
    }
    if (this.#search !== 'none') this.#halve();
    else if (count < this.#size) this.#fullInARow = 0;
    else return this.#acceptedFull();
    return undefined;
  }

  /**
   * The agent refused `count` events.
   *
   * @param isFull it accepts nothing now
   * @returns whether that may be for their number: a smaller batch will tell
   */
  refused(count: number, isFull: boolean): boolean {
    this.#fullInARow = 0;
    if (this.isUsual(count)) {
      // Then what was refused before may have been so for the same reason, which is another.
      if (this.#refused !== undefined && !this.#isSure) this.#tryLarger();
      if (isFull) this.#small = { size: 1, until: this.#clock.now() + smallMs };
      return false;
    }
    this.#isSure = false;
    if (this.#isLargerThanKnown(count)) {
      this.#isTrying = false;
      this.#size = this.#accepted;
    } else {
      this.#search = 'single';
    }
    this.#refused = { count: Math.min(count, this.#refused?.count ?? count), at: this.#clock.now() };
    return true;
  }

  /** Batches in flight are lost, and say nothing of sizes. */
  broken(): void {
    this.#isTrying = false;
    this.#fullInARow = 0;
  }

  /** The agent was away, and may take other sizes than before. */
  restarted(): void {
    this.#accepted = 0;
    this.#found = undefined;
    this.#size = this.#sizes.start;
    this.#tryLarger();
  }

  /** The agent takes what it was to be sent at first, or its limit is known: this is beyond. */
  #isLargerThanKnown(count: number): boolean {
    return count > this.#accepted && (this.#accepted >= this.#sizes.start || this.#accepted === this.#found);
  }

  #acceptedFull(): 'learned' | undefined {
    this.#fullInARow += 1;
    if (this.#refused === undefined) {
      if (this.#fullInARow < fullBeforeGrowth) return undefined;
      this.#fullInARow = 0;
      this.#size = Math.min(this.#sizes.most, this.#size * 2);
      return undefined;
    }
    this.#isSure ||= this.#fullInARow >= fullBeforeSure;
    if (!this.#isSure || this.#isTold || this.#size >= this.#sizes.start) return undefined;
    this.#isTold = true;
    return 'learned';
  }

  /** Goes on between the largest size that was accepted and the smallest that was refused. */
  #halve(): void {
    const refused = this.#refused?.count ?? this.#sizes.most + 1;
    const isFound = refused - this.#accepted <= 1;
    this.#search = isFound ? 'none' : 'halving';
    this.#size = isFound ? this.#accepted : Math.floor((this.#accepted + refused) / 2);
    if (isFound) this.#found = this.#accepted;
  }

  #tryLarger(): void {
    this.#refused = undefined;
    this.#search = 'none';
    this.#isSure = false;
    this.#isTrying = false;
    this.#fullInARow = 0;
    this.#size = Math.max(this.#size, this.#sizes.start);
  }
}
