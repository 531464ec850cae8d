// The memory channel: a log of encoded events in blocks of one size. An event may cross from one block into the next, so
// no room is wasted between them. Each event has an ordinal and each byte a position, both counted from the start of the
// log; a block is freed when all of its bytes are settled, whatever the order.

import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import { Block } from '../store/block.ts';
import type { FixedHeaders, Protocol } from '../thrift/protocol.ts';
import { eventSizeBound } from '../thrift/protocol.ts';
import type { Channel, SettledListener, Transaction } from './channel.ts';
import { EventRange, type Mark } from './event-range.ts';

export interface MemoryChannelOptions {
  /** Most events, those in flight included. */
  readonly capacity: number;
  /** Most encoded bytes, those in flight included. */
  readonly byteCapacity: number;
  readonly whenFull: 'drop-newest' | 'drop-oldest' | 'drop-low';
}

// Large enough that a block's own cost vanishes, small enough that an idle channel is cheap.
const maxBlockBytes = 256 * 1024;
const minBlockBytes = 4 * 1024;
// Freed blocks that are kept for the next events.
const maxSpareBlocks = 8;
// drop-oldest gives up this part of the capacity at a time; drop-low refuses from this part on.
const dropOldestPart = 1 / 16;
const dropLowPart = 0.8;

export class MemoryChannel implements Channel {
  readonly #protocol: Protocol;
  readonly #fixed: FixedHeaders;
  readonly #options: MemoryChannelOptions;
  readonly #settled: SettledListener;
  readonly #blockBytes: number;

  /** In order of position; the last is written to. */
  readonly #blocks: Block[] = [];
  readonly #spare: Block[] = [];
  #nextBlockPosition = 0;
  /** Rolled back and not taken again, in order. */
  readonly #returned: EventRange[] = [];
  readonly #open = new Set<EventRange>();
  /** Events never taken: from this one up to the tail. */
  #head: Mark = { ordinal: 0, position: 0 };
  #tailOrdinal = 0;
  #tailPosition = 0;
  #queuedEvents = 0;
  #queuedBytes = 0;
  #returnedEvents = 0;
  #returnedBytes = 0;

  constructor(protocol: Protocol, fixedHeaders: HeaderList, options: MemoryChannelOptions, settled: SettledListener) {
    this.#protocol = protocol;
    this.#fixed = protocol.fixHeaders(fixedHeaders);
    this.#options = options;
    this.#settled = settled;
    this.#blockBytes = Math.min(
      maxBlockBytes,
      Math.max(minBlockBytes, 2 ** Math.floor(Math.log2(options.byteCapacity / 16))),
    );
  }

  get availableEvents(): number {
    return this.#tailOrdinal - this.#head.ordinal + this.#returnedEvents;
  }

  get availableBytes(): number {
    return this.#tailPosition - this.#head.position + this.#returnedBytes;
  }

  get returnedEvents(): number {
    return this.#returnedEvents;
  }

  get queuedEvents(): number {
    return this.#queuedEvents;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get next(): Channel['next'] {
    const back = this.#returned[0];
    if (back !== undefined) return { ordinal: back.from.ordinal, events: back.count, failures: back.failures };
    const events = this.#tailOrdinal - this.#head.ordinal;
    return events === 0 ? undefined : { ordinal: this.#head.ordinal, events, failures: 0 };
  }

  get tail(): number {
    return this.#tailOrdinal;
  }

  /** Memory held for events, spare blocks included. */
  get heldBytes(): number {
    return (this.#blocks.length + this.#spare.length) * this.#blockBytes;
  }

  put(headers: HeaderList, body: string | Uint8Array, low: boolean): DropReason | undefined {
    // The bound is cheap and nearly always enough; the exact size is only counted near a block's end or the capacity.
    let size = eventSizeBound(this.#protocol, this.#fixed, headers, body);
    let block = this.#blocks[this.#blocks.length - 1];
    const fits = block !== undefined && block.used + size <= this.#blockBytes;
    if (!fits || this.#queuedBytes + size > this.#options.byteCapacity) {
      size = this.#protocol.eventSize(this.#fixed, headers, body);
    }
    if (!this.#hasRoom(size, low)) return 'full';

    // Whoever heard that old events gave way may have put one meanwhile.
    block = this.#blocks[this.#blocks.length - 1];
    if (block !== undefined && block.used + size <= this.#blockBytes) {
      const end = this.#protocol.writeEvent(block.buffer, block.used, this.#fixed, headers, body);
      size = end - block.used;
      block.addStart(block.used);
      block.used = end;
    } else {
      // Crosses a block's end (or starts the first one): encoded aside and copied in pieces.
      size = this.#protocol.eventSize(this.#fixed, headers, body);
      const encoded = Buffer.allocUnsafe(size);
      this.#protocol.writeEvent(encoded, 0, this.#fixed, headers, body);
      block = this.#writableBlock(this.#tailOrdinal);
      block.addStart(block.used);
      for (let copied = 0; copied < size; ) {
        block = this.#writableBlock(this.#tailOrdinal + 1);
        const length = encoded.copy(block.buffer, block.used, copied);
        block.used += length;
        copied += length;
      }
    }
    this.#tailOrdinal += 1;
    this.#tailPosition += size;
    this.#queuedEvents += 1;
    this.#queuedBytes += size;
    return undefined;
  }

  take(maxEvents: number, maxBytes: number): Transaction | undefined {
    const back = this.#returned[0];
    const from: Mark = back === undefined ? this.#head : back.from;
    const last: Mark = back === undefined ? { ordinal: this.#tailOrdinal, position: this.#tailPosition } : back.to;
    if (from.ordinal === last.ordinal) return undefined;

    const to = this.#cut(from, last, maxEvents, maxBytes);
    const whole = to.ordinal === last.ordinal;
    const range = back === undefined ? new EventRange(from, to) : whole ? back : back.part(from, to);
    if (back === undefined) {
      this.#head = to;
    } else {
      if (whole) this.#returned.shift();
      else this.#returned[0] = back.part(to, last);
      this.#returnedEvents -= range.count;
      this.#returnedBytes -= range.byteLength;
    }
    this.#open.add(range);
    return this.#transaction(range);
  }

  /** How many bytes each of these events has, which are not settled. */
  eventSizes(from: number, count: number): number[] {
    const tail: Mark = { ordinal: this.#tailOrdinal, position: this.#tailPosition };
    let start = this.#startOf(from, tail);
    return Array.from({ length: count }, (_, index) => {
      const end = this.#startOf(from + index + 1, tail);
      const size = end - start;
      start = end;
      return size;
    });
  }

  /** Rolls back all open transactions, for good: nobody may end them any more. */
  recall(): void {
    for (const range of this.#open) {
      this.#open.delete(range);
      this.#return(range);
    }
  }

  #transaction(range: EventRange): Transaction {
    const close = (): void => {
      if (!this.#open.delete(range)) throw new Error('the transaction has ended already');
    };
    return {
      count: range.count,
      byteLength: range.byteLength,
      views: this.#views(range.from.position, range.to.position),
      attempts: range.attempts,
      failures: range.failures,
      ownFailures: range.ownFailures,
      commit: () => {
        close();
        this.#settle(range, 'delivered');
      },
      rollback: (blame = 'none') => {
        close();
        this.#return(range.blamed(blame));
      },
      drop: (reason) => {
        close();
        this.#settle(range, reason);
      },
    };
  }

  #hasRoom(size: number, low: boolean): boolean {
    const { capacity, byteCapacity, whenFull } = this.#options;
    if (whenFull === 'drop-low' && low) {
      return this.#queuedEvents < capacity * dropLowPart && this.#queuedBytes + size <= byteCapacity * dropLowPart;
    }
    while (this.#queuedEvents >= capacity || this.#queuedBytes + size > byteCapacity) {
      if (whenFull !== 'drop-oldest' || size > byteCapacity || !this.#dropOldest()) return false;
    }
    return true;
  }

  /** Gives up the oldest events that are not in flight. @returns false where there are none */
  #dropOldest(): boolean {
    const oldest = this.take(
      Math.max(1, Math.floor(this.#options.capacity * dropOldestPart)),
      this.#options.byteCapacity * dropOldestPart,
    );
    oldest?.drop('full');
    return oldest !== undefined;
  }

  /** The mark behind the last event that a transaction from `from` may have. */
  #cut(from: Mark, last: Mark, maxEvents: number, maxBytes: number): Mark {
    let low = from.ordinal + 1;
    let high = Math.min(last.ordinal, from.ordinal + maxEvents);
    let position = this.#startOf(high, last);
    if (position - from.position <= maxBytes) return { ordinal: high, position };
    // The largest ordinal whose bytes fit, but one event at least.
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#startOf(middle, last) - from.position <= maxBytes) low = middle;
      else high = middle - 1;
    }
    position = this.#startOf(low, last);
    return { ordinal: low, position };
  }

  /** Where the event `ordinal` starts. It is not settled, or it is `last`, which may be behind the tail. */
  #startOf(ordinal: number, last: Mark): number {
    if (ordinal === last.ordinal) return last.position;
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#blocks[middle] as Block).firstOrdinal <= ordinal) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low] as Block;
    return block.position + (block.starts[ordinal - block.firstOrdinal] as number);
  }

  #views(from: number, to: number): Uint8Array[] {
    const views: Uint8Array[] = [];
    for (let index = this.#blockAt(from); from < to; index++) {
      const block = this.#blocks[index] as Block;
      const end = Math.min(to, block.position + this.#blockBytes);
      views.push(block.buffer.subarray(from - block.position, end - block.position));
      from = end;
    }
    return views;
  }

  /** The index of the block that has the byte at `position`. */
  #blockAt(position: number): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#blocks[middle] as Block).position <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #return(range: EventRange): void {
    let index = this.#returned.length;
    while (index > 0 && (this.#returned[index - 1] as EventRange).from.ordinal > range.from.ordinal) index -= 1;
    this.#returned.splice(index, 0, range);
    this.#returnedEvents += range.count;
    this.#returnedBytes += range.byteLength;
  }

  #settle(range: EventRange, how: 'delivered' | DropReason): void {
    this.#queuedEvents -= range.count;
    this.#queuedBytes -= range.byteLength;
    let from = range.from.position;
    const to = range.to.position;
    for (let index = this.#blockAt(from); from < to; ) {
      const block = this.#blocks[index] as Block;
      const end = Math.min(to, block.position + this.#blockBytes);
      block.settledBytes += end - from;
      from = end;
      if (block.settledBytes === this.#blockBytes) this.#free(index);
      else index += 1;
    }
    this.#settled(range.from.ordinal, range.to.ordinal, how);
  }

  #free(index: number): void {
    const [block] = this.#blocks.splice(index, 1);
    if (block !== undefined && this.#spare.length < maxSpareBlocks) this.#spare.push(block);
  }

  /** The last block, or where that is full a new one, in which `firstOrdinal` will be the first to start. */
  #writableBlock(firstOrdinal: number): Block {
    const last = this.#blocks[this.#blocks.length - 1];
    if (last !== undefined && last.used < this.#blockBytes) return last;
    const block = this.#spare.pop() ?? new Block(this.#blockBytes);
    block.open(this.#nextBlockPosition, firstOrdinal);
    this.#nextBlockPosition += this.#blockBytes;
    this.#blocks.push(block);
    return block;
  }
}
