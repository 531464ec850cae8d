// The segments of one writer on disk, those that it has adopted included: where the next event is written, how much room
// there is, when the disk is told to keep it, and what becomes of a segment whose events are settled.

import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import { FlumeError } from '../errors.ts';
import type { DropReason } from '../stats.ts';
import type { ProtocolName } from '../thrift/protocol.ts';
import { type Disk, diskErrorCode, isOutOfRoom } from './disk.ts';
import { DiskRoom } from './disk-room.ts';
import { OpenSegments } from './open-segments.ts';
import type { IndexRange } from './segment-acks.ts';
import { SegmentFile } from './segment-file.ts';
import { setAside, syncFolder } from './spool-file.ts';
import { SpoolFolder } from './spool-folder.ts';
import { SyncSchedule } from './sync-schedule.ts';
import { type Place, WriteWindow } from './write-window.ts';

export interface SpoolOptions {
  readonly dir: string;
  /** Most bytes on disk. */
  readonly maxBytes: number;
  /** Bytes that the file system keeps for others. */
  readonly minFreeBytes: number;
  readonly fsync: 'always' | 'interval' | 'never';
}

const maxSegmentBytes = 16 * 1024 * 1024;
const minSegmentBytes = 4 * 1024;
// How long the disk is left alone after an error.
const illMs = 1_000;
const outOfRoomMs = 20;
const readBytes = 256 * 1024;

export class Spool {
  readonly dir: string;
  readonly window: WriteWindow = new WriteWindow();
  readonly #options: SpoolOptions;
  readonly #protocol: ProtocolName;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #warn: (error: FlumeError) => void;
  readonly #segmentBytes: number;
  readonly #room: DiskRoom;

  #folder: SpoolFolder | undefined;
  #active: SegmentFile | undefined;
  #lastNumber = 0;
  #diskBytes = 0;
  /** Segments in folders that are adopted. */
  readonly #adopted = new Map<string, number>();
  readonly #open = new OpenSegments();
  #ahead: { readonly segment: SegmentFile; readonly offset: number; readonly bytes: Buffer } | undefined;

  #ill: { readonly reason: DropReason; readonly why: string; readonly until: number } | undefined;
  readonly #dirty = new Set<SegmentFile>();
  #isFolderDirty = false;
  readonly #schedule: SyncSchedule;
  #closed = false;

  constructor(
    options: SpoolOptions,
    protocol: ProtocolName,
    world: { readonly disk: Disk; readonly clock: Clock },
    warn: (error: FlumeError) => void,
  ) {
    this.dir = resolve(options.dir);
    this.#options = options;
    this.#protocol = protocol;
    this.#disk = world.disk;
    this.#clock = world.clock;
    this.#warn = warn;
    this.#segmentBytes = Math.min(maxSegmentBytes, Math.max(minSegmentBytes, Math.floor(options.maxBytes / 16)));
    this.#room = new DiskRoom(world.disk, world.clock, this.dir, options.minFreeBytes);
    this.#schedule = new SyncSchedule(options.fsync, world.clock, () => this.#syncAll());
    // So that what was left behind is found even where nothing is written.
    this.#openFolder();
  }

  get diskBytes(): number {
    return this.#diskBytes;
  }

  /** Most bytes of a segment, unless one record alone has more. */
  get segmentBytes(): number {
    return this.#segmentBytes;
  }

  /** Why the last write failed, where it did. */
  get illness(): string | undefined {
    return this.#ill?.why;
  }

  /** The disk is left alone, since a write failed a moment ago. */
  get isResting(): boolean {
    return this.#ill !== undefined && this.#clock.now() < this.#ill.until;
  }

  /** There is room for so many bytes more, in this part of what there may be. */
  hasRoom(bytes: number, part = 1): boolean {
    return this.#diskBytes + bytes <= this.#options.maxBytes * part && this.#room.has(bytes);
  }

  /** For the last writes of a process: they are tried however short ago one failed, and where they will be found. */
  renew(): void {
    this.#checkFolder();
    if (this.#ill !== undefined) this.#ill = { ...this.#ill, until: 0 };
  }

  /** Where records of at most `bytes` can be encoded; or why nowhere. Never throws. */
  place(bytes: number): Place | DropReason {
    if (this.#ill !== undefined && this.isResting) return this.#ill.reason;
    if (this.#active !== undefined && this.#active.size + bytes > this.#segmentBytes && this.#active.nextIndex > 0) {
      this.#seal();
    }
    try {
      this.#active ??= this.#create();
    } catch (error) {
      return this.#fail(error);
    }
    return this.window.place(this.#active, bytes);
  }

  /** Writes the records at the place, up to these ends. @returns their segment, or why they are not on disk. Never throws */
  write({ buffer, at }: Place, ends: readonly number[]): SegmentFile | DropReason {
    const segment = this.#active as SegmentFile;
    const end = ends[ends.length - 1] as number;
    try {
      segment.append(buffer, at, ends);
    } catch (error) {
      if (segment.isSealed) this.#seal();
      return this.#fail(error);
    }
    this.window.keep(end - at);
    this.#diskBytes += end - at;
    this.#room.took(end - at);
    if (this.#ill !== undefined) {
      this.#ill = undefined;
      this.#warn(new FlumeError('FLUME_RECOVERED', `channel.dir ${this.dir}: takes events again`));
    }
    this.#dirty.add(segment);
    this.#schedule.wrote();
    return segment;
  }

  /**
   * Bytes of the segment from `offset` on, where a record begins: `need` at least unless it ends before.
   *
   * @throws what the disk throws
   */
  read(segment: SegmentFile, offset: number, need: number): { readonly bytes: Buffer; readonly isFromDisk: boolean } {
    const written = this.window.at(segment, offset);
    if (written !== undefined) return { bytes: written, isFromDisk: false };
    const ahead = this.#ahead;
    if (ahead?.segment === segment && ahead.offset <= offset && offset + need <= ahead.offset + ahead.bytes.length) {
      return { bytes: ahead.bytes.subarray(offset - ahead.offset), isFromDisk: true };
    }
    this.#open.use(segment, this.#active);
    const most = segment.size - offset;
    let bytes: Buffer;
    try {
      bytes = this.#readAt(segment, offset, Math.min(Math.max(readBytes, need), most));
    } catch (error) {
      // What cannot be read may be far behind what is needed.
      if (need >= readBytes) throw error;
      bytes = this.#readAt(segment, offset, Math.min(need, most));
    }
    this.#ahead = { segment, offset, bytes };
    return { bytes, isFromDisk: true };
  }

  /** These records are settled. */
  settle(segment: SegmentFile, range: IndexRange): void {
    if (this.#closed) return;
    this.#open.use(segment, this.#active);
    this.#diskBytes -= segment.diskBytes;
    segment.settle(range);
    this.#diskBytes += segment.diskBytes;
    if (segment.pending > 0) return;
    if (segment.isSealed) this.discard(segment);
    else if (segment === this.#active && segment.size > this.#segmentBytes / 2) this.reclaim();
  }

  /** Frees the segment that is written to, where nothing in it is queued. @returns whether there was one */
  reclaim(): boolean {
    const active = this.#active;
    if (active === undefined || active.pending > 0 || active.nextIndex === 0) return false;
    this.#seal();
    return true;
  }

  /** A sealed segment has nothing queued any more: it goes, or is kept for people where it is damaged. */
  discard(segment: SegmentFile): void {
    this.#diskBytes -= segment.diskBytes;
    this.window.forget(segment);
    this.#dirty.delete(segment);
    this.#open.forget(segment);
    if (this.#ahead?.segment === segment) this.#ahead = undefined;
    if (segment.isDamaged && !this.setAside(segment.folder, segment.name, 'it is damaged')) segment.close();
    else segment.remove();
    if (this.#ill?.reason === 'full') this.#ill = { ...this.#ill, until: 0 };
    this.#room.freed();
    const others = this.#adopted.get(segment.folder);
    if (others === undefined) return;
    this.#adopted.set(segment.folder, others - 1);
    if (others === 1) this.#removeFolder(segment.folder);
  }

  /** Folders of dead writers, which are this one's now. */
  async adopt(): Promise<string[]> {
    this.#checkFolder();
    if (this.#folder === undefined) this.#openFolder();
    this.#folder?.touch();
    return this.#diskBytes < this.#options.maxBytes ? ((await this.#folder?.adopt()) ?? []) : [];
  }

  /** A segment in an adopted folder, which is being read. The folder goes with its last one. */
  adopted(segment: SegmentFile): void {
    this.#diskBytes += segment.diskBytes;
    this.hold(segment.folder);
  }

  /** Keeps an adopted folder while it is read. */
  hold(folder: string): void {
    this.#adopted.set(folder, (this.#adopted.get(folder) ?? 0) + 1);
  }

  release(folder: string): void {
    const others = (this.#adopted.get(folder) ?? 1) - 1;
    this.#adopted.set(folder, others);
    if (others === 0) this.#removeFolder(folder);
  }

  /** Moves a file that cannot be used out of the way. @returns false where it stays */
  setAside(folder: string, name: string, why: string): boolean {
    try {
      const place = setAside(this.#disk, this.dir, join(folder, name));
      this.#warn(new FlumeError('FLUME_NOTICE', `channel.dir ${this.dir}: ${name} is kept as ${place}: ${why}`));
      return true;
    } catch (error) {
      this.#warn(new FlumeError('ERR_FLUME_DISK', `${join(folder, name)}: ${why}, and stays`, { cause: error }));
      return false;
    }
  }

  /** All that was written before the call is on the platter, as far as the disk says. Never rejects */
  sync(): Promise<void> {
    return this.#schedule.now();
  }

  /** Nothing is written any more, and what is left is for the next process. */
  async close(): Promise<void> {
    await this.sync();
    this.leave();
  }

  /** The same at once, without telling the disk to keep it: for a process that ends. */
  leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#schedule.stop();
    const active = this.#active;
    if (active !== undefined) {
      active.isSealed = true;
      if (active.pending === 0) this.discard(active);
    }
    this.#open.close();
    this.#folder?.release();
    // What is put all the same, by a later listener of 'exit', gets a folder of its own.
    this.#active = undefined;
    this.#folder = undefined;
  }

  #readAt(segment: SegmentFile, offset: number, wanted: number): Buffer {
    // Not reused: views of it are in flight.
    const buffer = Buffer.allocUnsafeSlow(wanted);
    const { file } = segment;
    let filled = 0;
    for (let read = -1; filled < wanted && read !== 0; filled += read) {
      read = this.#disk.readSync(file, buffer, filled, wanted - filled, offset + filled);
    }
    return buffer.subarray(0, filled);
  }

  #openFolder(): void {
    try {
      this.#folder = new SpoolFolder(this.#disk, this.#clock, this.dir);
    } catch (error) {
      this.#fail(error);
    }
  }

  #create(): SegmentFile {
    this.#folder ??= new SpoolFolder(this.#disk, this.#clock, this.dir);
    this.#lastNumber += 1;
    const salt = randomBytes(4).readUInt32BE(0);
    const identity = { number: this.#lastNumber, protocol: this.#protocol, salt };
    let segment: SegmentFile;
    try {
      segment = SegmentFile.create(this.#disk, this.#folder.path, identity, Date.now());
    } catch (error) {
      // Somebody has deleted the folder: the next try makes a new one.
      if (diskErrorCode(error) === 'ENOENT') this.#loseFolder();
      throw error;
    }
    this.#diskBytes += segment.diskBytes;
    this.#isFolderDirty = true;
    this.#open.use(segment, segment);
    return segment;
  }

  /** Nothing is added to the segment any more. */
  #seal(): void {
    const active = this.#active as SegmentFile;
    this.#active = undefined;
    active.isSealed = true;
    if (active.pending === 0) this.discard(active);
  }

  #fail(error: unknown): DropReason {
    const reason = isOutOfRoom(error) ? 'full' : 'disk';
    const why = `channel.dir ${this.dir}: ${error instanceof Error ? error.message : String(error)}`;
    if (this.#ill === undefined) this.#warn(new FlumeError('ERR_FLUME_DISK', why, { cause: error }));
    this.#ill = { reason, why, until: this.#clock.now() + (reason === 'full' ? outOfRoomMs : illMs) };
    return reason;
  }

  async #syncAll(): Promise<void> {
    this.#checkFolder();
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    const errors = await Promise.all(dirty.map((segment) => segment.sync()));
    for (const [index, error] of errors.entries()) {
      if (error === null) continue;
      // The kernel may have dropped what it could not write, and say so only once: nothing more goes there.
      if (dirty[index] === this.#active) this.#seal();
      this.#fail(error);
    }
    if (!this.#isFolderDirty || this.#folder === undefined) return;
    this.#isFolderDirty = false;
    // The folder itself is new too, the first time.
    await Promise.all([this.#folder.path, this.dir].map((path) => syncFolder(this.#disk, path)));
  }

  #checkFolder(): void {
    if (this.#active?.isUnlinked !== true) return;
    this.#fail(new Error('its folder was deleted; what was in it lasts no longer than this process'));
    this.#loseFolder();
  }

  #loseFolder(): void {
    if (this.#active !== undefined) {
      this.#active.isSealed = true;
      if (this.#active.pending === 0) this.discard(this.#active);
    }
    this.#active = undefined;
    this.#folder?.release();
    this.#folder = undefined;
  }

  #removeFolder(folder: string): void {
    this.#adopted.delete(folder);
    if (dirname(folder) !== this.dir) return;
    const place = this.#folder?.remove(folder);
    if (place === undefined) return;
    const text = `channel.dir ${this.dir}: a folder that has more than events is kept as ${place}`;
    this.#warn(new FlumeError('FLUME_NOTICE', text));
  }
}
