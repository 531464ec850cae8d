// When events were put, roughly: a mark for each part of the age limit, so that no event carries a time of its own. An
// event is never taken for older than it is, and for younger by one part at most.

interface AgeMark {
  /** Every event of before the mark has a smaller ordinal. */
  readonly ordinal: number;
  readonly at: number;
}

const parts = 20;

export class EventAges {
  readonly #maxAgeMs: number;
  #marks: AgeMark[] = [];

  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  /** An event was put, which made the channel's tail `tail`. */
  put(tail: number, now: number): void {
    const last = this.#marks[this.#marks.length - 1];
    if (last === undefined || now - last.at >= this.#maxAgeMs / parts) this.#marks.push({ ordinal: tail, at: now });
  }

  /** Events with smaller ordinals than this are too old. */
  expired(tail: number, now: number): number {
    this.put(tail, now);
    let ordinal = 0;
    let count = 0;
    for (const mark of this.#marks) {
      if (now - mark.at < this.#maxAgeMs) break;
      ordinal = mark.ordinal;
      count += 1;
    }
    // The newest of the expired marks stays: it says where the young begin.
    if (count > 1) this.#marks = this.#marks.slice(count - 1);
    return ordinal;
  }
}
