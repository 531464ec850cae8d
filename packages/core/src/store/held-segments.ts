// The segments that a writer holds, those that it has adopted included: how many bytes they have, which of their files are
// open, and when they go.

import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Disk, tolerate } from '../disk.ts';
import type { FlumeError } from '../errors.ts';
import type { KeptFiles } from '../spool/kept-files.ts';
import type { WriterFolder } from '../spool/writer-folder.ts';
import { DiskRoom, type SpoolBounds } from './disk-room.ts';
import type { HeldSegment } from './held-segment.ts';
import { OpenSegments } from './open-segments.ts';
import { WriteWindow } from './write-window.ts';

/** The world of a file store's segments. */
export interface SegmentsWorld {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Buffer;
  readonly folder: WriterFolder;
  readonly kept: KeptFiles;
  readonly warn: (error: FlumeError) => void;
}

const maxSegmentBytes = 16 * 1024 * 1024;
const minSegmentBytes = 4 * 1024;
const readBytes = 256 * 1024;

export class HeldSegments {
  /** Most bytes of a segment, unless one record alone has more. */
  readonly segmentBytes: number;
  readonly window: WriteWindow;
  readonly room: DiskRoom;
  readonly #world: SegmentsWorld;
  readonly #segments = new Set<HeldSegment>();
  /** To be deleted. */
  readonly #done = new Set<HeldSegment>();
  readonly #open = new OpenSegments();
  /** The bytes that were read from the disk last. */
  #ahead: { readonly segment: HeldSegment; readonly offset: number; readonly bytes: Buffer } | undefined;

  constructor(bounds: SpoolBounds, world: SegmentsWorld) {
    this.segmentBytes = Math.min(maxSegmentBytes, Math.max(minSegmentBytes, Math.floor(bounds.maxBytes / 16)));
    this.window = new WriteWindow(this.segmentBytes);
    this.#world = world;
    this.room = new DiskRoom(world.disk, world.clock, bounds);
  }

  /** Of a dead writer so many bytes more can be adopted. One segment above the bound can be when nothing else is held. */
  hasRoomToAdopt(bytes: number): boolean {
    return this.room.hasForOthers(bytes) || [...this.#segments].every(({ pending }) => pending === 0);
  }

  add(segment: HeldSegment): void {
    this.#segments.add(segment);
    this.room.changed(segment.diskBytes);
  }

  /** Something was added to a segment. */
  grew(segment: HeldSegment, bytes: number): void {
    this.#open.use(segment);
    this.room.took(bytes);
  }

  /**
   * Bytes of the segment from `offset` on, where a record begins: `need` at least unless it ends before.
   *
   * @throws what the disk throws
   */
  read(segment: HeldSegment, offset: number, need: number): { readonly bytes: Buffer; readonly isFromDisk: boolean } {
    const written = this.window.at(segment, offset);
    if (written !== undefined) return { bytes: written, isFromDisk: false };
    const ahead = this.#ahead;
    if (ahead?.segment === segment && ahead.offset <= offset && offset + need <= ahead.offset + ahead.bytes.length) {
      return { bytes: ahead.bytes.subarray(offset - ahead.offset), isFromDisk: true };
    }
    this.#open.use(segment);
    const most = segment.size - offset;
    let bytes: Buffer;
    try {
      bytes = segment.file.read(offset, Math.min(Math.max(readBytes, need), most));
    } catch (error) {
      // The bytes that cannot be read may be far behind those that are needed.
      if (need >= readBytes) throw error;
      bytes = segment.file.read(offset, Math.min(need, most));
    }
    this.#ahead = { segment, offset, bytes };
    return { bytes, isFromDisk: true };
  }

  /** These records are settled. @returns whether the segment is gone with them */
  settle(segment: HeldSegment, index: number, count: number): boolean {
    this.#open.use(segment);
    this.room.changed(-segment.diskBytes);
    const isDone = segment.settle(index, count);
    this.room.changed(segment.diskBytes);
    if (isDone) this.#finish(segment);
    return isDone;
  }

  /** Nothing is added to the segment any more: it is gone, where nothing in it is queued. */
  retire(segment: HeldSegment): void {
    if (segment.seal()) this.#finish(segment);
  }

  /** The segment is not done yet. */
  holds(segment: HeldSegment): boolean {
    return this.#segments.has(segment);
  }

  /** Deletes what nobody needs any more, or keeps it for people; also what the disk refused before. */
  clean(): void {
    for (const segment of this.#done) {
      if (!segment.remove((path) => this.#world.kept.keep(path, 'it is damaged'))) continue;
      this.#done.delete(segment);
      // The folder of what is adopted goes with its last one.
      const folder = dirname(segment.file.path);
      if (!this.#world.folder.isOwn(folder)) tolerate(() => this.#world.disk.rmdirSync(folder));
    }
  }

  /** Forgets those with queued events whose file is not there any more. @returns them */
  dropGone(): HeldSegment[] {
    const gone = [...this.#segments].filter(({ pending, file }) => pending > 0 && file.isGone);
    for (const segment of gone) this.#drop(segment);
    return gone;
  }

  /** Closes all files. */
  close(): void {
    this.clean();
    for (const segment of this.#segments) segment.close();
    this.#segments.clear();
    this.#open.clear();
  }

  #finish(segment: HeldSegment): void {
    this.#drop(segment);
    this.#done.add(segment);
    this.clean();
    this.room.freed();
  }

  #drop(segment: HeldSegment): void {
    if (!this.#segments.delete(segment)) return;
    this.room.changed(-segment.diskBytes);
    this.window.forget(segment);
    this.#open.forget(segment);
    if (this.#ahead?.segment === segment) this.#ahead = undefined;
  }
}
