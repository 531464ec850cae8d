// A list that keeps its newest items only, so that a long run does not grow.

export class RecentList<T> {
  readonly #limit: number;
  readonly #items: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Oldest first; the same array each time. */
  get items(): readonly T[] {
    this.#trim();
    return this.#items;
  }

  push(items: readonly T[]): void {
    for (const item of items) this.#items.push(item);
    // Cutting off the front moves all the rest, so it is done seldom.
    if (this.#items.length > this.#limit * 1.5 + 1024) this.#trim();
  }

  /** Empties the list and returns what was in it. */
  clear(): T[] {
    this.#trim();
    return this.#items.splice(0);
  }

  #trim(): void {
    if (this.#items.length > this.#limit) this.#items.splice(0, this.#items.length - this.#limit);
  }
}
