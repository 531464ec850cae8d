// A segment on disk: its place, its file while that is open, and how many of its events are still to settle.

import { privateFile, readableFile } from '../private-file.ts';
import type { ProtocolName } from '../thrift/protocol.ts';
import { type Disk, tolerate } from './disk.ts';
import { headerBytes, type SegmentIdentity, sealRecord, segmentName, writeHeader } from './segment.ts';
import { type IndexRange, SegmentAcks } from './segment-acks.ts';

export class SegmentFile {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
  readonly protocol: ProtocolName;
  readonly salt: number;
  readonly acks: SegmentAcks;
  readonly #disk: Disk;
  #file: number | undefined;
  #syncing = 0;
  #toClose: number | undefined;
  /** Bytes of whole records and the header; where the next record goes. */
  size: number;
  /** The index that the next record will have. */
  nextIndex = 0;
  /** Events that are queued. */
  pending = 0;
  /** Nothing is added any more. */
  isSealed = false;
  /** Some of it cannot be read: to be kept for people when its events are settled. */
  isDamaged = false;
  /** Bytes were written that no fdatasync has reached. */
  isDirty = false;

  private constructor(
    disk: Disk,
    folder: string,
    identity: SegmentIdentity,
    size: number,
    ackBytes: number | undefined,
  ) {
    this.#disk = disk;
    this.folder = folder;
    this.name = segmentName(identity);
    this.path = `${folder}/${this.name}`;
    this.protocol = identity.protocol;
    this.salt = identity.salt;
    this.size = size;
    this.acks = new SegmentAcks(disk, acksPath(this.path), identity.salt, ackBytes);
  }

  /** A new one. @throws what the disk throws */
  static create(disk: Disk, folder: string, identity: SegmentIdentity, createdMs: number): SegmentFile {
    const segment = new SegmentFile(disk, folder, identity, headerBytes, undefined);
    const file = privateFile(disk, segment.path, 'new');
    segment.#file = file;
    try {
      writeAll(disk, file, writeHeader(identity, createdMs), 0, headerBytes, 0);
    } catch (error) {
      segment.remove();
      throw error;
    }
    segment.isDirty = true;
    return segment;
  }

  /** One that is there. */
  static found(
    disk: Disk,
    folder: string,
    identity: SegmentIdentity,
    size: number,
    ackBytes: number | undefined,
  ): SegmentFile {
    return new SegmentFile(disk, folder, identity, size, ackBytes);
  }

  /** Bytes on disk. */
  get diskBytes(): number {
    return this.size + this.acks.bytes;
  }

  /** Its open file. @throws what the disk throws */
  get file(): number {
    this.#file ??= readableFile(this.#disk, this.path);
    return this.#file;
  }

  /** The file is no longer in its folder, which somebody has deleted. */
  get isUnlinked(): boolean {
    return this.#file !== undefined && this.#disk.fstatSync(this.#file).nlink === 0;
  }

  /**
   * Writes records whose payloads are in place: the first begins at `at`, and they end at `ends`. All or, with an error, none.
   *
   * @throws what the disk throws
   */
  append(bytes: Buffer, at: number, ends: readonly number[]): void {
    let end = at;
    for (let count = 0; count < ends.length; count++) {
      const start = end;
      end = ends[count] as number;
      sealRecord(bytes, start, end, this.nextIndex + count, this.salt);
    }
    try {
      writeAll(this.#disk, this.file, bytes, at, end - at, this.size);
    } catch (error) {
      // Half a record is taken back. Where not even that works, nothing is added behind it.
      try {
        this.#disk.ftruncateSync(this.file, this.size);
      } catch {
        this.isSealed = true;
      }
      throw error;
    }
    this.size += end - at;
    this.nextIndex += ends.length;
    this.pending += ends.length;
    this.isDirty = true;
  }

  /** Puts on the platter what was written. @returns the error, after which this must not be tried again */
  sync(): Promise<NodeJS.ErrnoException | null> {
    const file = this.#file;
    this.isDirty = false;
    if (file === undefined) return Promise.resolve(null);
    this.#syncing += 1;
    return new Promise((resolve) => {
      this.#disk.fdatasync(file, (error) => {
        this.#syncing -= 1;
        // A file that was closed meanwhile would have lent its number to another one.
        if (this.#syncing === 0 && this.#toClose !== undefined) this.#closeFile(this.#toClose);
        resolve(error);
      });
    });
  }

  settle(range: IndexRange): void {
    this.pending -= range.to - range.from;
    // The last one deletes the segment, unless that is to be kept.
    if (!this.isSealed || this.pending > 0 || this.isDamaged) this.acks.add(range);
  }

  /** Closes its files. They open again when they are needed. */
  close(): void {
    this.acks.close();
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    if (this.#syncing > 0) this.#toClose = file;
    else this.#closeFile(file);
  }

  /** Deletes it. What is deleted in between comes back with its acknowledgements. */
  remove(): void {
    this.close();
    tolerate(() => this.#disk.unlinkSync(this.path));
    this.acks.remove();
  }

  #closeFile(file: number): void {
    this.#toClose = undefined;
    tolerate(() => this.#disk.closeSync(file));
  }
}

/** Where the acknowledgements of a segment are. */
export function acksPath(segmentPath: string): string {
  return segmentPath.replace(/\.seg$/, '.ack');
}

function writeAll(disk: Disk, file: number, bytes: Buffer, at: number, length: number, position: number): void {
  for (let done = 0; done < length; ) {
    const written = disk.writeSync(file, bytes, at + done, length - done, position + done);
    // Never seen, but it would be an endless loop.
    if (written === 0) throw Object.assign(new Error('the disk wrote nothing'), { code: 'EIO' });
    done += written;
  }
}
