// The file channel: events are in a file before put() returns, so they outlive the process. It knows them by their places
// in the segments, never one by one, so that its memory does not grow with the backlog.

import type { Clock, Timer } from '../clock.ts';
import type { FlumeError } from '../errors.ts';
import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import { Backlog } from '../store/backlog.ts';
import { type Disk, diskErrorCode, systemDisk } from '../store/disk.ts';
import { recordHeadBytes } from '../store/segment.ts';
import type { SegmentFile } from '../store/segment-file.ts';
import { Spool, type SpoolOptions } from '../store/spool.ts';
import { WriteWindow } from '../store/write-window.ts';
import type { FixedHeaders, Protocol } from '../thrift/protocol.ts';
import { eventSizeBound } from '../thrift/protocol.ts';
import { BatchReader, type Cut } from './batch-reader.ts';
import type { Blame, Channel, Ordinals, SettledListener, SpoolingChannel, Transaction } from './channel.ts';
import { SegmentRange } from './segment-range.ts';

export interface FileChannelOptions extends SpoolOptions {
  readonly whenFull: 'drop-newest' | 'drop-oldest' | 'drop-low';
}

/** Where the channel lives. */
export interface FileChannelWorld {
  readonly clock: Clock;
  readonly disk?: Disk | undefined;
  /** Where the channel is a part of another one. */
  readonly ordinals?: Ordinals | undefined;
}

/** Events that another channel has encoded. */
export interface EncodedEvents {
  /** Of the first; the others follow. */
  readonly ordinal: number;
  /** How many bytes each has. */
  readonly sizes: readonly number[];
  /** They were rolled back. */
  readonly isReturned: boolean;
  readonly batch: Transaction;
}

export interface FileChannelListener {
  readonly settled: SettledListener;
  /** Events of before were found, or can be read again. */
  readonly arrived: () => void;
  readonly warn: (error: FlumeError) => void;
}

// drop-low refuses from this part on.
const dropLowPart = 0.8;
// How often folders of dead writers are looked for.
const lookMs = 10_000;
const readAgainMs = 1_000;
// How long what the disk cannot read holds up what is behind it.
const readPatienceMs = 10_000;
// Events of another channel are written this many bytes at a time.
const maxTakeOverBytes = 128 * 1024;

// Channels of this process: one that closes leaves its events to the others on the same folder at once.
const neighbours = new Set<FileChannel>();

/** A process that ends by itself leaves no empty folder behind. */
function leaveAll(): void {
  for (const channel of neighbours) channel.leave();
}

export class FileChannel implements SpoolingChannel {
  readonly #protocol: Protocol;
  readonly #fixed: FixedHeaders;
  readonly #options: FileChannelOptions;
  readonly #listener: FileChannelListener;
  readonly #clock: Clock;
  readonly #spool: Spool;
  readonly #reader: BatchReader;
  readonly #backlog: Backlog;
  readonly #ordinals: Ordinals;

  /** Never taken, in order of ordinals; new events extend the last. */
  readonly #fresh: SegmentRange[] = [];
  /** Rolled back and not taken again, in order. */
  readonly #returned: SegmentRange[] = [];
  readonly #open = new Set<SegmentRange>();
  #queuedEvents = 0;
  #queuedBytes = 0;
  #openEvents = 0;
  #openBytes = 0;
  #returnedEvents = 0;
  #recovered = 0;
  #arrived = false;
  #lookTimer: Timer | undefined;
  #readTimer: Timer | undefined;
  #unreadableSince: number | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    protocol: Protocol,
    fixedHeaders: HeaderList,
    options: FileChannelOptions,
    world: FileChannelWorld,
    listener: FileChannelListener,
  ) {
    const disk = world.disk ?? systemDisk;
    this.#protocol = protocol;
    this.#fixed = protocol.fixHeaders(fixedHeaders);
    this.#options = options;
    this.#listener = listener;
    this.#clock = world.clock;
    this.#ordinals = world.ordinals ?? { next: 0 };
    // Later: who hears it may put an event, and this one is not in its place yet.
    const warn = (error: FlumeError): void => world.clock.soon(() => listener.warn(error));
    this.#spool = new Spool(options, protocol.name, { disk, clock: world.clock }, warn);
    this.#reader = new BatchReader(disk, this.#spool, protocol);
    this.#backlog = new Backlog(disk, world.clock, this.#spool, {
      found: (segment, { index, start, end }) => this.#found(segment, index, start, end),
      lost: (count) => this.#lostUnread(count),
      pause: () => this.#tellArrived(),
    });
    if (neighbours.size === 0) process.on('exit', leaveAll);
    neighbours.add(this);
    this.#look();
  }

  get availableEvents(): number {
    return this.#queuedEvents - this.#openEvents;
  }

  get availableBytes(): number {
    return this.#queuedBytes - this.#openBytes;
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
    const source = this.#returned[0] ?? this.#fresh[0];
    return source && { ordinal: source.ordinal, events: source.count, failures: source.failures };
  }

  get tail(): number {
    return this.#ordinals.next;
  }

  get recovered(): number {
    return this.#recovered;
  }

  get spooledEvents(): number {
    return this.#queuedEvents;
  }

  get spooledBytes(): number {
    return this.#queuedBytes;
  }

  /** Why the last write failed, where it did. */
  get illness(): string | undefined {
    return this.#spool.illness;
  }

  /** Bytes in files. */
  get diskBytes(): number {
    return this.#spool.diskBytes;
  }

  put(headers: HeaderList, body: string | Uint8Array, low: boolean): DropReason | undefined {
    // The bound is cheap and nearly always enough.
    const bound = recordHeadBytes + eventSizeBound(this.#protocol, this.#fixed, headers, body);
    const part = low && this.#options.whenFull === 'drop-low' ? dropLowPart : 1;
    const isRough = bound <= WriteWindow.roughBytes && this.#spool.hasRoom(bound, part);
    const size = isRough ? bound : recordHeadBytes + this.#protocol.eventSize(this.#fixed, headers, body);
    if (!isRough && !this.#makeRoom(size, part)) return 'full';

    let reason = this.#write(size, headers, body);
    // The disk is full before the channel is.
    while (reason === 'full' && this.#options.whenFull === 'drop-oldest' && this.dropOldest()) {
      reason = this.#write(size, headers, body);
    }
    return reason;
  }

  /** As every channel does; but undefined also where the disk does not give now what it has, or has lost it. */
  take(maxEvents: number, maxBytes: number): Transaction | undefined {
    const source = this.#returned[0] ?? this.#fresh[0];
    if (source === undefined) return undefined;
    let cut: Cut;
    try {
      cut = this.#reader.cut(source, maxEvents, maxBytes);
      this.#unreadableSince = undefined;
    } catch (error) {
      if (!this.#isLost(diskErrorCode(error))) return this.#readLater(readAgainMs);
      cut = this.#reader.damage(source);
    }
    const range = this.#remove(source, cut.count, cut.end);
    if (cut.tag === 'batch') return this.#transaction(range, cut.events);
    range.segment.isDamaged = true;
    this.#settle(range, 'damaged');
    return this.#readLater(0);
  }

  /** How many of these events, from the first on, it is best to take over in one go: none where there is no room now. */
  fitting(sizes: readonly number[]): number {
    if (this.#spool.isResting) return 0;
    const most = Math.min(maxTakeOverBytes, this.#spool.segmentBytes);
    let bytes = 0;
    let count = 0;
    for (const size of sizes) {
      bytes += recordHeadBytes + size;
      if ((count > 0 && bytes > most) || !this.#makeRoom(bytes, 1)) break;
      count += 1;
    }
    return count;
  }

  /** Writes events of another channel. @returns undefined where all of them are this one's now, else why none is */
  takeOver({ ordinal, sizes, isReturned, batch }: EncodedEvents): DropReason | undefined {
    const place = this.#spool.place(batch.byteLength + sizes.length * recordHeadBytes);
    if (typeof place === 'string') return place;
    const events = Buffer.concat(batch.views, batch.byteLength);
    const ends: number[] = [];
    let from = 0;
    let end = place.at;
    for (const size of sizes) {
      events.copy(place.buffer, end + recordHeadBytes, from, from + size);
      from += size;
      end += recordHeadBytes + size;
      ends.push(end);
    }
    const segment = this.#spool.write(place, ends);
    if (typeof segment === 'string') return segment;
    const count = sizes.length;
    const start = segment.size - (end - place.at);
    const { attempts, failures, ownFailures } = batch;
    const run = { segment, ordinal, index: segment.nextIndex - count, start, count, end: segment.size };
    this.#insert(new SegmentRange(run, attempts, failures, ownFailures), isReturned);
    this.#queuedEvents += count;
    this.#queuedBytes += batch.byteLength;
    return undefined;
  }

  /** For the last writes of a process: they are tried however short ago one failed, and where they will be found. */
  renew(): void {
    this.#spool.renew();
  }

  /** Gives up the oldest events that are not in flight, as many as a segment has. @returns false where there are none */
  dropOldest(): boolean {
    const oldest = this.#returned[0] ?? this.#fresh[0];
    if (oldest === undefined) return false;
    this.#settle(this.#remove(oldest, oldest.count, oldest.end), 'full');
    this.#spool.reclaim();
    return true;
  }

  /** Looks for what dead writers left. @returns when it is read through. Never rejects */
  recover(): Promise<void> {
    return this.#backlog.look();
  }

  sync(): Promise<void> {
    return this.#spool.sync();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same at once, for a process that ends. */
  leave(): void {
    this.#spool.leave();
  }

  async #close(): Promise<void> {
    this.#lookTimer?.cancel();
    this.#readTimer?.cancel();
    neighbours.delete(this);
    if (neighbours.size === 0) process.off('exit', leaveAll);
    await this.#backlog.close();
    await this.#spool.close();
    for (const one of neighbours) if (one.#spool.dir === this.#spool.dir) void one.#backlog.look();
  }

  #write(size: number, headers: HeaderList, body: string | Uint8Array): DropReason | undefined {
    const place = this.#spool.place(size);
    if (typeof place === 'string') return place;
    const from = place.at + recordHeadBytes;
    const to = this.#protocol.writeEvent(place.buffer, from, this.#fixed, headers, body);
    const segment = this.#spool.write(place, [to]);
    if (typeof segment === 'string') return segment;
    this.#append(segment, segment.nextIndex - 1, segment.size - (to - place.at), segment.size);
    return undefined;
  }

  /** Makes an event the newest of the channel. */
  #append(segment: SegmentFile, index: number, start: number, end: number): void {
    const last = this.#fresh[this.#fresh.length - 1];
    const ordinal = this.#ordinals.next++;
    if (last === undefined || !last.extend(segment, ordinal, start, 1, end)) {
      this.#fresh.push(new SegmentRange({ segment, ordinal, index, start, count: 1, end }));
    }
    this.#queuedEvents += 1;
    this.#queuedBytes += end - start - recordHeadBytes;
  }

  #found(segment: SegmentFile, index: number, start: number, end: number): void {
    segment.pending += 1;
    this.#recovered += 1;
    this.#append(segment, index, start, end);
    this.#arrived = true;
  }

  #lostUnread(count: number): void {
    if (count === 0) return;
    this.#recovered += count;
    const from = this.#ordinals.next;
    this.#ordinals.next += count;
    this.#listener.settled(from, from + count, 'damaged');
  }

  #tellArrived(): void {
    if (!this.#arrived) return;
    this.#arrived = false;
    this.#listener.arrived();
  }

  #makeRoom(size: number, part: number): boolean {
    while (!this.#spool.hasRoom(size, part)) {
      if (this.#spool.reclaim()) continue;
      if (this.#options.whenFull !== 'drop-oldest' || size > this.#options.maxBytes || !this.dropOldest()) return false;
    }
    return true;
  }

  /** What the disk does not give now it may give later, but not everything waits for it. */
  #isLost(code: string): boolean {
    // Somebody has deleted it.
    if (code === 'ENOENT') return true;
    if (['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code)) return false;
    const now = this.#clock.now();
    this.#unreadableSince ??= now;
    return now - this.#unreadableSince > readPatienceMs;
  }

  /** Takes the first events from a source that `take` begins with. They are open now. */
  #remove(source: SegmentRange, count: number, end: number): SegmentRange {
    const range = source.first(count, end);
    const rest = source.rest(count, end);
    const isReturned = source === this.#returned[0];
    const sources = isReturned ? this.#returned : this.#fresh;
    if (rest === undefined) sources.shift();
    else sources[0] = rest;
    if (isReturned) this.#returnedEvents -= count;
    this.#open.add(range);
    this.#openEvents += count;
    this.#openBytes += range.byteLength;
    return range;
  }

  #transaction(range: SegmentRange, events: Uint8Array): Transaction {
    return {
      count: range.count,
      byteLength: events.length,
      views: [events],
      attempts: range.attempts,
      failures: range.failures,
      ownFailures: range.ownFailures,
      commit: () => this.#settle(range, 'delivered'),
      rollback: (blame = 'none') => this.#return(range, blame),
      drop: (reason) => this.#settle(range, reason),
    };
  }

  #end(range: SegmentRange): void {
    if (!this.#open.delete(range)) throw new Error('the transaction has ended already');
    this.#openEvents -= range.count;
    this.#openBytes -= range.byteLength;
  }

  #return(range: SegmentRange, blame: Blame): void {
    this.#end(range);
    this.#insert(range.blamed(blame), true);
  }

  /** Puts events in their place by ordinal. */
  #insert(range: SegmentRange, isReturned: boolean): void {
    const ranges = isReturned ? this.#returned : this.#fresh;
    let index = ranges.length;
    while (index > 0 && (ranges[index - 1] as SegmentRange).ordinal > range.ordinal) index -= 1;
    const { segment, ordinal, start, count, end } = range;
    if (isReturned) this.#returnedEvents += count;
    else if (ranges[index - 1]?.extend(segment, ordinal, start, count, end) === true) return;
    ranges.splice(index, 0, range);
  }

  #settle(range: SegmentRange, how: 'delivered' | DropReason): void {
    this.#end(range);
    this.#queuedEvents -= range.count;
    this.#queuedBytes -= range.byteLength;
    this.#spool.settle(range.segment, { from: range.index, to: range.index + range.count });
    this.#listener.settled(range.ordinal, range.ordinal + range.count, how);
  }

  #readLater(delayMs: number): undefined {
    this.#readTimer ??= this.#clock.after(delayMs, () => {
      this.#readTimer = undefined;
      this.#listener.arrived();
    });
    return undefined;
  }

  #look(): void {
    this.#lookTimer = this.#clock.after(lookMs, () => this.#look());
    void this.#backlog.look();
  }
}
