// The ledger knows the order of events and what each is going through: never taken, returned, or in an open transaction.
// It knows them by ranges, never one by one, so that it does not grow with the backlog. Their bytes are the store's.

import type { DropReason } from '../stats.ts';
import { type Blame, EventRange, type Home, type Place } from '../store/event-range.ts';
import type { Arrivals, Portion, Store } from '../store/store.ts';

/** Hears of every event that leaves the channel: those of the ordinals from `from` up to, not including, `to`. */
export type SettledListener = (from: number, to: number, how: 'delivered' | DropReason) => void;

export class Ledger implements Arrivals {
  /** The ordinal that the next event will have. */
  tail = 0;
  /** Events that have not left the channel; of these, those in open transactions, and those that were rolled back. */
  readonly counts = { queuedEvents: 0, queuedBytes: 0, openEvents: 0, openBytes: 0, returnedEvents: 0 };
  readonly #settled: SettledListener;
  /** Never taken, in order; new events extend the last. */
  readonly #fresh: EventRange[] = [];
  /** Rolled back and not taken again, in order. All are older than the fresh ones. */
  readonly #returned: EventRange[] = [];
  readonly #open = new Set<EventRange>();

  constructor(settled: SettledListener) {
    this.#settled = settled;
  }

  /** The range to be taken first. */
  get next(): EventRange | undefined {
    return this.#returned[0] ?? this.#fresh[0];
  }

  /** Where the newest event that was never taken is. */
  get newestHome(): Home | undefined {
    return this.#fresh[this.#fresh.length - 1]?.home;
  }

  // No call comes after a change: at the end of the stack any of them may throw, and an event is added whole or not at all.
  added(home: Home, index: number, start: number, bytes: number): void {
    const last = this.#fresh[this.#fresh.length - 1];
    // As EventRange.isFollowedBy() has it.
    const isNext =
      last !== undefined &&
      last.home === home &&
      last.index + last.count === index &&
      last.ordinal + last.count === this.tail &&
      last.start + last.bytes + last.count * home.headBytes === start;
    if (isNext) {
      last.count += 1;
      last.bytes += bytes;
    } else {
      this.#fresh.push(new EventRange({ home, index, start }, this.tail, 1, bytes));
    }
    this.tail += 1;
    this.counts.queuedEvents += 1;
    this.counts.queuedBytes += bytes;
  }

  missed(count: number): void {
    const from = this.tail;
    this.tail += count;
    this.#settled(from, this.tail, 'damaged');
  }

  forfeit(home: Home): Portion {
    const lost = { count: 0, bytes: 0 };
    const give = (range: EventRange): void => {
      this.settle(range, 'disk');
      lost.count += range.count;
      lost.bytes += range.bytes;
    };
    for (const range of [...this.#open].filter((one) => one.home === home)) give(range);
    for (let range = this.#in(home); range !== undefined; range = this.#in(home)) {
      give(this.open(range, range.count, range.bytes));
    }
    return lost;
  }

  /** The oldest range that waits and of which this holds. */
  find(holds: (range: EventRange) => boolean): EventRange | undefined {
    return this.#returned.find(holds) ?? this.#fresh.find(holds);
  }

  /** Takes the first events of a range that waits: nobody else can take them until they are given back. */
  open(range: EventRange, count: number, bytes: number): EventRange {
    const taken = range.first(count, bytes);
    const rest = range.rest(count, bytes);
    const isReturned = range === this.#returned[0] || this.#returned.includes(range);
    const ranges = isReturned ? this.#returned : this.#fresh;
    const at = range === ranges[0] ? 0 : ranges.indexOf(range);
    if (rest !== undefined) ranges[at] = rest;
    else if (at === 0) ranges.shift();
    else ranges.splice(at, 1);
    if (isReturned) this.counts.returnedEvents -= count;
    this.#open.add(taken);
    this.counts.openEvents += count;
    this.counts.openBytes += bytes;
    return taken;
  }

  /** Parts an open range in two, each open by itself. */
  part(range: EventRange, count: number, bytes: number): { first: EventRange; rest: EventRange | undefined } {
    const first = range.first(count, bytes);
    const rest = range.rest(count, bytes);
    this.#open.delete(range);
    this.#open.add(first);
    if (rest !== undefined) this.#open.add(rest);
    return { first, rest };
  }

  /** The events of an open range leave the channel, and their room in the store is free. @throws where it is not open */
  settle(range: EventRange, how: 'delivered' | DropReason, store?: Pick<Store, 'free'>): void {
    this.#end(range);
    this.counts.queuedEvents -= range.count;
    this.counts.queuedBytes -= range.bytes;
    store?.free(range);
    this.#settled(range.ordinal, range.ordinal + range.count, how);
  }

  /** The events of an open range wait again, before all newer ones. @throws where it is not open any more */
  giveBack(range: EventRange, blame: Blame): void {
    this.#end(range);
    let at = this.#returned.length;
    while (at > 0 && (this.#returned[at - 1] as EventRange).ordinal > range.ordinal) at -= 1;
    this.#returned.splice(at, 0, range.blamed(blame));
    this.counts.returnedEvents += range.count;
  }

  /** Takes back all open ranges, or those of one home, for good: nobody may end them any more. */
  recall(home?: Home): void {
    for (const range of this.#open) if (home === undefined || range.home === home) this.giveBack(range, 'none');
  }

  /** The first events of a range that waits stand in another place now. */
  move(range: EventRange, count: number, bytes: number, place: Place): void {
    const ranges = this.#returned.includes(range) ? this.#returned : this.#fresh;
    const at = ranges.indexOf(range);
    const moved = range.first(count, bytes).movedTo(place);
    const rest = range.rest(count, bytes);
    const before = ranges[at - 1];
    // So that they make whole batches again.
    const isMerged = ranges === this.#fresh && before?.isFollowedBy(moved) === true;
    ranges.splice(at, 1, ...(isMerged ? [] : [moved]), ...(rest === undefined ? [] : [rest]));
    if (!isMerged) return;
    before.count += count;
    before.bytes += bytes;
  }

  #in(home: Home): EventRange | undefined {
    return this.find((range) => range.home === home);
  }

  #end(range: EventRange): void {
    if (!this.#open.delete(range)) throw new Error('the transaction has ended already');
    this.counts.openEvents -= range.count;
    this.counts.openBytes -= range.bytes;
  }
}
