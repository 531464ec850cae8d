// The file store: events are in a segment before put() returns, so they outlive the process. What dead writers left is read
// as there is room for it.

import { randomBytes as systemRandomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Clock, Timer } from '../clock.ts';
import { type Disk, systemDisk } from '../disk.ts';
import type { FlumeError } from '../errors.ts';
import type { HeaderList } from '../event/flume-event.ts';
import { hasLeft, leaveAtExit } from '../process/process-exit.ts';
import { DeadWriters } from '../spool/dead-writers.ts';
import { KeptFiles } from '../spool/kept-files.ts';
import { WriterFolder } from '../spool/writer-folder.ts';
import { type Locks, socketLocks } from '../spool/writer-lock.ts';
import type { DropReason } from '../stats.ts';
import type { FixedHeaders, Protocol } from '../thrift/protocol.ts';
import { eventSizeBound } from '../thrift/protocol.ts';
import { Backlog } from './backlog.ts';
import { BatchReader } from './batch-reader.ts';
import type { SpoolBounds } from './disk-room.ts';
import type { EventRange, Place } from './event-range.ts';
import type { HeldSegment } from './held-segment.ts';
import { HeldSegments, type SegmentsWorld } from './held-segments.ts';
import { recordHeadBytes } from './segment.ts';
import type { FoundRecord } from './segment-reader.ts';
import { SegmentWriter, type SegmentWriterOptions } from './segment-writer.ts';
import type { Arrivals, Cut, Portion, Store } from './store.ts';

export interface FileStoreOptions extends SpoolBounds, SegmentWriterOptions {}

export interface FileStoreWorld {
  readonly clock: Clock;
  readonly disk?: Disk | undefined;
  readonly locks?: Locks | undefined;
  /** The source of names and salts. */
  readonly randomBytes?: ((size: number) => Buffer) | undefined;
}

export interface FileStoreListener {
  /** Events of before were found, or can be read again. */
  readonly arrived: () => void;
  readonly warn: (error: FlumeError) => void;
  /** The store is about to close: what is still to be written, is to be written now. */
  readonly leaving: () => void;
}

// How often dead writers are looked for.
const lookMs = 10_000;
const readAgainMs = 1_000;

/** The open ones of this process: one that closes leaves its events to the others on the same folder. */
const openStores = new Set<FileStore>();

export class FileStore implements Store {
  readonly #dir: string;
  readonly writer: SegmentWriter;
  readonly #protocol: Protocol;
  readonly #fixed: FixedHeaders;
  readonly #ledger: Arrivals;
  readonly #listener: FileStoreListener;
  readonly #clock: Clock;
  readonly #segments: HeldSegments;
  readonly #reader: BatchReader;
  readonly #backlog: Backlog;
  #events = 0;
  #bytes = 0;
  #recovered = 0;
  #arrived = false;
  #firstLook: Promise<void> | undefined;
  #lookTimer: Timer | undefined;
  #readTimer: Timer | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(
    protocol: Protocol,
    fixedHeaders: HeaderList,
    options: FileStoreOptions,
    { clock, disk = systemDisk, locks = socketLocks(disk), randomBytes = systemRandomBytes }: FileStoreWorld,
    ledger: Arrivals,
    listener: FileStoreListener,
  ) {
    this.#dir = resolve(options.dir);
    this.#protocol = protocol;
    this.#fixed = protocol.fixHeaders(fixedHeaders);
    this.#ledger = ledger;
    this.#listener = listener;
    this.#clock = clock;
    // Later: who hears it may put an event, and this one is not in its place yet.
    const warn = (error: FlumeError): void => clock.soon(() => listener.warn(error));
    const folder = new WriterFolder({ disk, locks, randomBytes }, this.#dir);
    const kept = new KeptFiles(disk, folder, this.#dir, warn);
    const world: SegmentsWorld = { clock, disk, randomBytes, folder, kept, warn };
    const inDir = { ...options, dir: this.#dir };
    this.#segments = new HeldSegments(inDir, world);
    this.writer = new SegmentWriter(inDir, protocol.name, world, this.#segments);
    this.#reader = new BatchReader(disk, clock, this.#segments, protocol);
    this.#backlog = new Backlog(world, new DeadWriters({ disk, clock, locks }, this.#dir, folder), this.#segments, {
      found: (segment, record) => this.#found(segment, record),
      lost: (count) => this.#lostUnread(count),
      pause: () => this.#tellArrived(),
    });
    openStores.add(this);
    leaveAtExit(this);
    this.#firstLook = this.#lookOn().then(() => {
      this.#firstLook = undefined;
    });
  }

  /** The first look through the files of dead writers, until it is over. */
  get firstLook(): Promise<void> | undefined {
    return this.#firstLook;
  }

  /** Events that an earlier process left, until now: they are found while others are sent already. */
  get recovered(): number {
    return this.#recovered;
  }

  /** The events that are in files and queued. */
  get queued(): Portion {
    return { count: this.#events, bytes: this.#bytes };
  }

  put(headers: HeaderList, body: string | Uint8Array, part: number): DropReason | undefined {
    // The bound is cheap and nearly always enough.
    const bound = recordHeadBytes + eventSizeBound(this.#protocol, this.#fixed, headers, body);
    const isRough = bound <= this.#segments.window.roughBytes && this.#segments.room.has(bound, part);
    const size = isRough ? bound : recordHeadBytes + this.#protocol.eventSize(this.#fixed, headers, body);
    if (!isRough && !this.#makeRoom(size, part)) return 'full';
    const slot = this.writer.slot(size);
    if (typeof slot === 'string') return slot;
    const from = slot.at + recordHeadBytes;
    const to = this.#protocol.writeEvent(slot.buffer, from, this.#fixed, headers, body);
    const place = this.writer.write(slot, [to]);
    if (typeof place === 'string') return place;
    this.#ledger.added(place.home, place.index, place.start, to - from);
    // No call from here on, which at the end of the stack could throw half-way.
    this.#events += 1;
    this.#bytes += to - from;
    return undefined;
  }

  /** How many events of these sizes, from the first on, it is best to write in one go: none where there is no room now. */
  fitting(sizes: readonly number[], maxBytes: number): number {
    if (this.writer.resting !== undefined) return 0;
    const most = Math.min(maxBytes, this.#segments.segmentBytes);
    let bytes = 0;
    let count = 0;
    for (const size of sizes) {
      bytes += recordHeadBytes + size;
      if ((count > 0 && bytes > most) || !this.#makeRoom(bytes, 1)) break;
      count += 1;
    }
    return count;
  }

  /** Writes events that are encoded and in the ledger already. @returns where they are, or why none of them is */
  write({ views, byteLength }: Cut, sizes: readonly number[]): Place | DropReason {
    const slot = this.writer.slot(byteLength + sizes.length * recordHeadBytes);
    if (typeof slot === 'string') return slot;
    const events = Buffer.concat(views ?? [], byteLength);
    const ends: number[] = [];
    let from = 0;
    let end = slot.at;
    for (const size of sizes) {
      events.copy(slot.buffer, end + recordHeadBytes, from, from + size);
      from += size;
      end += recordHeadBytes + size;
      ends.push(end);
    }
    const place = this.writer.write(slot, ends);
    if (typeof place !== 'string') this.#changed(sizes.length, byteLength);
    return place;
  }

  read(range: EventRange, maxEvents: number, maxBytes: number): Cut | undefined {
    const cut = this.#reader.read(range, maxEvents, maxBytes);
    if (cut?.views === undefined) this.#readLater(cut === undefined ? readAgainMs : 0);
    return cut;
  }

  free({ home, index, count, bytes }: EventRange): void {
    this.#changed(-count, -bytes);
    if (this.#isClosed) return;
    if (!this.#segments.settle(home as HeldSegment, index, count)) {
      this.writer.reclaim(this.#segments.segmentBytes / 2);
      return;
    }
    if (this.writer.resting === 'full') this.writer.tryAgain();
    this.#backlog.roomFreed();
  }

  sacrifice({ count, bytes }: EventRange, size: number): Portion | undefined {
    // A disk that is ill takes nothing more for having less.
    if (this.writer.resting === 'disk' || !this.#segments.room.couldHave(size + recordHeadBytes)) return undefined;
    return { count, bytes };
  }

  /** Looks for what dead writers left. @returns when it is read through, as far as there is room. Never rejects */
  look(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#segments.clean();
    this.writer.check();
    return this.#backlog.look();
  }

  /** Events that were put before are written to the platter, as far as the disk can be believed. Never rejects. */
  sync(): Promise<void> {
    return this.writer.sync();
  }

  /** Leaves what is queued to the next process. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same at once, without telling the disk to keep it: for a process that ends. */
  leave(): void {
    if (this.#isClosed) return;
    this.#listener.leaving();
    for (const segment of this.#segments.dropGone()) {
      const lost = this.#ledger.forfeit(segment);
      this.#changed(-lost.count, -lost.bytes);
    }
    this.#isClosed = true;
    void this.#backlog.close();
    this.writer.leave();
    openStores.delete(this);
    hasLeft(this);
  }

  async #close(): Promise<void> {
    this.#lookTimer?.cancel();
    this.#readTimer?.cancel();
    this.#listener.leaving();
    await this.#backlog.close();
    await this.writer.sync();
    this.leave();
    for (const other of openStores) if (other.#dir === this.#dir) void other.look();
  }

  #found(segment: HeldSegment, { index, start, end }: FoundRecord): void {
    const bytes = end - start - recordHeadBytes;
    this.#recovered += 1;
    this.#ledger.added(segment, index, start, bytes);
    this.#changed(1, bytes);
    this.#arrived = true;
  }

  #lostUnread(count: number): void {
    if (count === 0) return;
    this.#recovered += count;
    this.#ledger.missed(count);
  }

  #tellArrived(): void {
    if (!this.#arrived) return;
    this.#arrived = false;
    this.#listener.arrived();
  }

  /** So many events more, or less, are in files and queued. */
  #changed(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
  }

  #makeRoom(size: number, part: number): boolean {
    return this.#segments.room.has(size, part) || (this.writer.reclaim() && this.#segments.room.has(size, part));
  }

  #readLater(delayMs: number): void {
    this.#readTimer ??= this.#clock.after(delayMs, () => {
      this.#readTimer = undefined;
      this.#listener.arrived();
    });
  }

  #lookOn(): Promise<void> {
    this.#lookTimer = this.#clock.after(lookMs, () => void this.#lookOn());
    return this.look();
  }
}
