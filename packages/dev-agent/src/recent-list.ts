// A list that keeps its newest items within a number and a sum of bytes, so that a long run does not grow.

export interface ListLimits {
  readonly items: number;
  readonly bytes: number;
}

export class RecentList<T> {
  readonly #limits: ListLimits;
  readonly #sizeOf: (item: T) => number;
  #items: (T | undefined)[] = [];
  #sizes: number[] = [];
  /** How many at the front are gone; their places are empty. */
  #gone = 0;
  #bytes = 0;
  #goneTotal = 0;

  constructor(limits: ListLimits, sizeOf: (item: T) => number) {
    this.#limits = limits;
    this.#sizeOf = sizeOf;
  }

  /** Oldest first; the same array until something is pushed. */
  get items(): readonly T[] {
    this.#compact();
    return this.#items as T[];
  }

  get length(): number {
    return this.#items.length - this.#gone;
  }

  /** The sum of the sizes of the items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many items have been let go since the start, by the limits or by clear(). */
  get goneTotal(): number {
    return this.#goneTotal;
  }

  /** 0 is the oldest that is kept. */
  at(index: number): T | undefined {
    return this.#items[this.#gone + index];
  }

  push(item: T): void {
    const size = this.#sizeOf(item);
    this.#items.push(item);
    this.#sizes.push(size);
    this.#bytes += size;
    while (this.length > this.#limits.items || this.#bytes > this.#limits.bytes) this.shift();
  }

  /** Lets the oldest go, of which there must be one. */
  shift(): void {
    this.#bytes -= this.#sizes[this.#gone] ?? 0;
    this.#items[this.#gone] = undefined;
    this.#gone++;
    this.#goneTotal++;
    // Cutting off the front moves all the rest, so it is done seldom.
    if (this.#gone >= 1024 && this.#gone * 2 > this.#items.length) this.#compact();
  }

  /** Empties the list and returns what was in it. */
  clear(): T[] {
    this.#compact();
    const items = this.#items as T[];
    this.#goneTotal += items.length;
    this.#items = [];
    this.#sizes = [];
    this.#bytes = 0;
    return items;
  }

  #compact(): void {
    if (this.#gone === 0) return;
    this.#items = this.#items.slice(this.#gone);
    this.#sizes = this.#sizes.slice(this.#gone);
    this.#gone = 0;
  }
}
