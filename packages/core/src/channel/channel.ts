// The channel holds what waits. `put` appends an event, `take` opens a transaction over a view of the oldest ones, as in
// Flume: the events leave the channel on `commit`, and are there again after `rollback`. Their order is the ledger's, their
// bytes are the store's.

import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import type { Blame, EventRange } from '../store/event-range.ts';
import type { Store } from '../store/store.ts';
import type { Protocol } from '../thrift/protocol.ts';
import type { Ledger } from './ledger.ts';

export type { Blame } from '../store/event-range.ts';

export interface Transaction {
  readonly count: number;
  readonly byteLength: number;
  /** The encoded events, in order, in pieces. Valid until the transaction ends. */
  readonly views: readonly Uint8Array[];
  /** How often these events were tried before. */
  readonly attempts: number;
  /** How often exactly this batch was: 0 where it is a part of what failed. */
  readonly ownFailures: number;
  /** In its place, one over each `most` of its events. Those that cannot be read again now are available again. */
  split(most: number): Transaction[];
  /** The agent has the events: they leave the channel. */
  commit(): void;
  /** The events are available again, before all newer ones. @param blame by default 'none' */
  rollback(blame?: Blame): void;
  /** The events are given up: they leave the channel, counted. */
  drop(reason: DropReason): void;
}

export interface ChannelPolicy {
  readonly whenFull: 'drop-newest' | 'drop-oldest' | 'drop-low';
  readonly protocol: Protocol;
  readonly fixedHeaders: HeaderList;
}

// drop-low refuses from this part of the bounds on.
const dropLowPart = 0.8;

export class Channel {
  readonly #ledger: Ledger;
  readonly #store: Store;
  readonly #policy: ChannelPolicy;

  /** @param store that tells this ledger what it takes */
  constructor(ledger: Ledger, store: Store, policy: ChannelPolicy) {
    this.#ledger = ledger;
    this.#store = store;
    this.#policy = policy;
  }

  /** Events that transactions could be opened over now, and their bytes. */
  get availableEvents(): number {
    return this.#ledger.counts.queuedEvents - this.#ledger.counts.openEvents;
  }

  get availableBytes(): number {
    return this.#ledger.counts.queuedBytes - this.#ledger.counts.openBytes;
  }

  /** Of these, the events that were rolled back: they have waited already. */
  get returnedEvents(): number {
    return this.#ledger.counts.returnedEvents;
  }

  /** Events that have not left the channel, in flight included, and their bytes. */
  get queuedEvents(): number {
    return this.#ledger.counts.queuedEvents;
  }

  get queuedBytes(): number {
    return this.#ledger.counts.queuedBytes;
  }

  /** The range that `take` would begin with: events that came back together, or those never taken. */
  get next(): { readonly ordinal: number; readonly events: number } | undefined {
    const { next } = this.#ledger;
    return next && { ordinal: next.ordinal, events: next.count };
  }

  /** The ordinal that the next event will have; those put before have smaller ones. */
  get tail(): number {
    return this.#ledger.tail;
  }

  /**
   * Encodes the event and appends it.
   *
   * @returns undefined where it was accepted, else why not
   */
  put(headers: HeaderList, body: string | Uint8Array, low: boolean): DropReason | undefined {
    const { whenFull } = this.#policy;
    const part = low && whenFull === 'drop-low' ? dropLowPart : 1;
    let reason = this.#store.put(headers, body, part);
    if (reason === undefined || whenFull !== 'drop-oldest') return reason;
    const { protocol, fixedHeaders } = this.#policy;
    const size = protocol.eventSize(protocol.fixHeaders(fixedHeaders), headers, body);
    while (reason !== undefined && this.#dropOldest(size)) reason = this.#store.put(headers, body, part);
    return reason;
  }

  /**
   * Opens a transaction over the oldest events that no open transaction holds: at least one, at most `maxEvents`, and of
   * `maxBytes` together unless the first alone is larger. Several may be open and end in any order.
   *
   * @returns undefined where there is nothing to take, or the disk does not give now what it has, or has lost it
   */
  take(maxEvents: number, maxBytes: number): Transaction | undefined {
    return this.#take(this.#ledger.next, maxEvents, maxBytes);
  }

  /** The same of the events that end with the process. */
  takeFleeting(maxEvents: number, maxBytes: number): Transaction | undefined {
    const oldest = this.#ledger.find(({ home }) => !home.isLasting);
    return this.#take(oldest, maxEvents, maxBytes);
  }

  /** Takes back all open transactions, for good: nobody may end them any more. For the end of a process. */
  recall(): void {
    this.#ledger.recall();
  }

  #take(from: EventRange | undefined, maxEvents: number, maxBytes: number): Transaction | undefined {
    if (from === undefined) return undefined;
    const cut = this.#store.read(from, maxEvents, maxBytes);
    if (cut === undefined) return undefined;
    const range = this.#ledger.open(from, cut.count, cut.bytes);
    if (cut.views !== undefined) return this.#transaction(range, cut.views, cut.byteLength);
    this.#settle(range, 'damaged');
    return undefined;
  }

  #transaction(range: EventRange, views: readonly Uint8Array[], byteLength: number): Transaction {
    return {
      count: range.count,
      byteLength,
      views,
      attempts: range.history.attempts,
      ownFailures: range.history.ownFailures,
      split: (most) => this.#split(range, most),
      commit: () => this.#settle(range, 'delivered'),
      rollback: (blame = 'none') => this.#ledger.giveBack(range, blame),
      drop: (reason) => this.#settle(range, reason),
    };
  }

  #split(range: EventRange, most: number): Transaction[] {
    const parts: Transaction[] = [];
    for (let left: EventRange | undefined = range; left !== undefined; ) {
      const cut = this.#store.read(left, most, Number.MAX_SAFE_INTEGER);
      if (cut?.views === undefined) {
        this.#ledger.giveBack(left, 'none');
        break;
      }
      const { first, rest } = this.#ledger.part(left, cut.count, cut.bytes);
      parts.push(this.#transaction(first, cut.views, cut.byteLength));
      left = rest;
    }
    return parts;
  }

  #settle(range: EventRange, how: 'delivered' | DropReason): void {
    this.#ledger.settle(range, how, this.#store);
  }

  /** Gives up the oldest events that are not in flight. @returns false where that would make no room for so many bytes */
  #dropOldest(size: number): boolean {
    let portion: ReturnType<Store['sacrifice']>;
    const oldest = this.#ledger.find((range) => {
      portion = this.#store.sacrifice(range, size);
      return portion !== undefined;
    });
    if (oldest === undefined || portion === undefined) return false;
    this.#settle(this.#ledger.open(oldest, portion.count, portion.bytes), 'full');
    return true;
  }
}
