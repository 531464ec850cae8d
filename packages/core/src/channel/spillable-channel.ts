// The spillable channel: events wait in memory, and on disk only while memory is full or no agent works, and when the
// process ends. As with Flume's channel of this name a kill loses what is in memory. Its two parts share one sequence of
// ordinals, so that take gives the oldest wherever it is.

import type { Clock } from '../clock.ts';
import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import type { Disk } from '../store/disk.ts';
import type { FixedHeaders, Protocol } from '../thrift/protocol.ts';
import type { Channel, Ordinals, SpoolingChannel, Transaction } from './channel.ts';
import { FileChannel, type FileChannelListener, type FileChannelOptions } from './file-channel.ts';
import { MemoryChannel, type MemoryChannelOptions } from './memory-channel.ts';
import { OrdinalRuns } from './ordinal-runs.ts';

export interface SpillableChannelOptions extends MemoryChannelOptions, FileChannelOptions {}

// Most events that go to disk in one write.
const maxMovedEvents = 2_000;
// In an outage so many writes are made in one turn of the event loop, a millisecond or so.
const writesPerTurn = 8;
// drop-oldest gives up this part of what memory may hold at a time.
const dropOldestPart = 1 / 16;

// Those that are not closed.
const channels = new Set<SpillableChannel>();

/** From now on all that is put goes to disk, also by a later listener of 'exit'. */
function spillAll(): void {
  for (const channel of channels) channel.spill();
}

export class SpillableChannel implements SpoolingChannel {
  readonly #protocol: Protocol;
  readonly #options: SpillableChannelOptions;
  readonly #fixed: FixedHeaders;
  readonly #clock: Clock;
  readonly #memory: MemoryChannel;
  readonly #file: FileChannel;
  readonly #ordinals: Ordinals = { next: 0 };
  /** Of the events in memory. */
  readonly #runs = new OrdinalRuns();
  #isOutage = false;
  #isEnding = false;
  #isMoving = false;
  #isMoveDue = false;

  constructor(
    protocol: Protocol,
    fixedHeaders: HeaderList,
    options: SpillableChannelOptions,
    world: { readonly clock: Clock; readonly disk?: Disk | undefined },
    listener: FileChannelListener,
  ) {
    this.#protocol = protocol;
    this.#options = options;
    this.#fixed = protocol.fixHeaders(fixedHeaders);
    this.#clock = world.clock;
    // What is oldest is known here only.
    const whenFull = options.whenFull === 'drop-oldest' ? 'drop-newest' : options.whenFull;
    const parts = { ...options, whenFull };
    this.#memory = new MemoryChannel(protocol, fixedHeaders, parts, (from, to, how) => {
      const run = this.#runs.of(from);
      this.#runs.settle(run, to - from);
      if (!this.#isMoving) listener.settled(from + run.distance, to + run.distance, how);
    });
    this.#file = new FileChannel(protocol, fixedHeaders, parts, { ...world, ordinals: this.#ordinals }, listener);
    if (channels.size === 0) process.on('exit', spillAll);
    channels.add(this);
  }

  get availableEvents(): number {
    return this.#memory.availableEvents + this.#file.availableEvents;
  }

  get availableBytes(): number {
    return this.#memory.availableBytes + this.#file.availableBytes;
  }

  get returnedEvents(): number {
    return this.#memory.returnedEvents + this.#file.returnedEvents;
  }

  get queuedEvents(): number {
    return this.#memory.queuedEvents + this.#file.queuedEvents;
  }

  get queuedBytes(): number {
    return this.#memory.queuedBytes + this.#file.queuedBytes;
  }

  get next(): Channel['next'] {
    const inMemory = this.#nextInMemory;
    const onDisk = this.#file.next;
    return this.#isOlder(onDisk, inMemory) ? onDisk : inMemory;
  }

  get tail(): number {
    return this.#ordinals.next;
  }

  get recovered(): number {
    return this.#file.recovered;
  }

  get spooledEvents(): number {
    return this.#file.queuedEvents;
  }

  get spooledBytes(): number {
    return this.#file.queuedBytes;
  }

  put(headers: HeaderList, body: string | Uint8Array, low: boolean): DropReason | undefined {
    // Behind events on disk a newer one would wait in memory for no gain.
    const isDiskFirst = this.#isOutage || this.#isEnding || this.#file.availableEvents > 0;
    for (;;) {
      if (!isDiskFirst && this.#putInMemory(headers, body, low)) return undefined;
      const reason = this.#file.put(headers, body, low);
      if (reason === undefined) return undefined;
      if (this.#isEnding) return reason;
      if (isDiskFirst && this.#putInMemory(headers, body, low)) return undefined;
      if (this.#options.whenFull !== 'drop-oldest' || !this.#dropOldest(headers, body, reason)) return 'full';
    }
  }

  take(maxEvents: number, maxBytes: number): Transaction | undefined {
    const inMemory = this.#nextInMemory;
    if (inMemory === undefined || this.#isOlder(this.#file.next, inMemory)) return this.#file.take(maxEvents, maxBytes);
    return this.#memory.take(Math.min(maxEvents, inMemory.events), maxBytes);
  }

  /**
   * Says that no agent works, again whenever one has failed, or that one does. In an outage what waits in memory goes to
   * disk, and what is put too, so that a kill does not cost it.
   */
  outage(isOn: boolean): void {
    this.#isOutage = isOn;
    if (isOn) this.#moveSoon();
  }

  /** What memory holds goes to disk now, in flight or not, and all that is put from now on: the process, or its agent, ends. */
  spill(): void {
    this.#isEnding = true;
    this.#memory.recall();
    this.#file.renew();
    while (this.#move());
  }

  /** After spill(): why some of it is still in memory only. */
  get illness(): string | undefined {
    return this.#memory.queuedEvents === 0
      ? undefined
      : (this.#file.illness ?? 'the folder is full (channel.maxBytes)');
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): Promise<void> {
    this.spill();
    channels.delete(this);
    if (channels.size === 0) process.off('exit', spillAll);
    return this.#file.close();
  }

  #putInMemory(headers: HeaderList, body: string | Uint8Array, low: boolean): boolean {
    const { tail } = this.#memory;
    if (this.#memory.put(headers, body, low) !== undefined) return false;
    this.#runs.add(tail, this.#ordinals.next++);
    return true;
  }

  /** What memory would give, in the ordinals of the whole channel. */
  get #nextInMemory(): Channel['next'] {
    const { next } = this.#memory;
    if (next === undefined) return undefined;
    const { distance, to } = this.#runs.of(next.ordinal);
    const events = Math.min(next.events, to - next.ordinal);
    return { ordinal: next.ordinal + distance, events, failures: next.failures };
  }

  #isOlder(one: Channel['next'], other: Channel['next']): boolean {
    return one !== undefined && (other === undefined || one.ordinal < other.ordinal);
  }

  /** Gives up the oldest events, so that this one has a place. @returns false where that is of no use */
  #dropOldest(headers: HeaderList, body: string | Uint8Array, reason: DropReason): boolean {
    const { capacity, byteCapacity } = this.#options;
    if (this.#protocol.eventSize(this.#fixed, headers, body) > byteCapacity) return false;
    const inMemory = this.#nextInMemory;
    // A disk that is ill takes nothing more for having less.
    if (reason === 'full' && this.#isOlder(this.#file.next, inMemory)) return this.#file.dropOldest();
    if (inMemory === undefined) return false;
    const most = Math.min(inMemory.events, Math.ceil(capacity * dropOldestPart));
    this.#memory.take(most, byteCapacity * dropOldestPart)?.drop('full');
    return true;
  }

  #moveSoon(): void {
    if (this.#isMoveDue) return;
    this.#isMoveDue = true;
    // Later also because who says that an agent has failed may not have rolled back its batches yet.
    this.#clock.soon(() => {
      this.#isMoveDue = false;
      if (!this.#isOutage || this.#isEnding) return;
      let writes = 0;
      while (writes < writesPerTurn && this.#move()) writes += 1;
      if (writes === writesPerTurn) this.#moveSoon();
    });
  }

  /** Moves the oldest events that wait in memory to disk. @returns false where there are none, or no room */
  #move(): boolean {
    const own = this.#memory.next?.ordinal;
    const next = this.#nextInMemory;
    if (own === undefined || next === undefined) return false;
    const sizes = this.#memory.eventSizes(own, Math.min(next.events, maxMovedEvents));
    for (let count = this.#file.fitting(sizes); count > 0; count = Math.floor(count / 2)) {
      const isReturned = this.#memory.returnedEvents > 0;
      const batch = this.#memory.take(count, Number.MAX_SAFE_INTEGER) as Transaction;
      const reason = this.#file.takeOver({ ordinal: next.ordinal, sizes: sizes.slice(0, count), isReturned, batch });
      if (reason === undefined) {
        this.#isMoving = true;
        batch.commit();
        this.#isMoving = false;
        return true;
      }
      batch.rollback();
      // A process that ends has no other chance: what is smaller may find room.
      if (!this.#isEnding || reason !== 'full') return false;
      this.#file.renew();
    }
    return false;
  }
}
