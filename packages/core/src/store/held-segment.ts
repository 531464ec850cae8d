// A segment that a writer holds: its file, its acknowledgements, and how many of its events are still to settle.

import type { Disk } from './disk.ts';
import type { Home } from './event-range.ts';
import { headerBytes, recordHeadBytes, type SegmentIdentity, sealRecord, segmentName, writeHeader } from './segment.ts';
import { acksPath, SegmentAcks } from './segment-acks.ts';
import { SegmentFile } from './segment-file.ts';

export class HeldSegment implements Home {
  readonly headBytes: number = recordHeadBytes;
  readonly isLasting = true;
  readonly file: SegmentFile;
  readonly identity: SegmentIdentity;
  readonly #acks: SegmentAcks;
  #size: number;
  #nextIndex = 0;
  #pending = 0;
  #isSealed = false;
  #isDamaged = false;

  private constructor(disk: Disk, file: SegmentFile, identity: SegmentIdentity, size: number, ackBytes?: number) {
    this.file = file;
    this.identity = identity;
    this.#size = size;
    this.#acks = new SegmentAcks(disk, acksPath(file.path), identity.salt, ackBytes);
  }

  /** A new one, to be written to. @throws what the disk throws */
  static create(disk: Disk, folder: string, identity: SegmentIdentity, createdMs: number): HeldSegment {
    const file = SegmentFile.create(disk, `${folder}/${segmentName(identity)}`, writeHeader(identity, createdMs));
    return new HeldSegment(disk, file, identity, headerBytes);
  }

  /** One that was found, to be read. */
  static found(disk: Disk, path: string, identity: SegmentIdentity, size: number, ackBytes?: number): HeldSegment {
    return new HeldSegment(disk, new SegmentFile(disk, path), identity, size, ackBytes);
  }

  /** Bytes of whole records and the header: where the next record goes. */
  get size(): number {
    return this.#size;
  }

  /** The index that the next record will have. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  /** Bytes on disk, acknowledgements included. */
  get diskBytes(): number {
    return this.#size + this.#acks.bytes;
  }

  /** Events that are queued. */
  get pending(): number {
    return this.#pending;
  }

  /** Nothing is added any more. */
  get isSealed(): boolean {
    return this.#isSealed;
  }

  /** Some of it cannot be read: it is kept for people when its events are settled. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /**
   * Writes records whose payloads are in place: the first begins at `at`, and they end at `ends`.
   *
   * @returns what the disk throws, if it does: then none is written
   */
  append(bytes: Buffer, at: number, ends: readonly number[]): { readonly error: unknown } | undefined {
    let end = at;
    for (let count = 0; count < ends.length; count++) {
      const start = end;
      end = ends[count] as number;
      sealRecord(bytes, start, end, this.#nextIndex + count, this.identity.salt);
    }
    const failure = this.file.append(bytes, at, end, this.#size);
    // Nothing can be added behind half a record.
    if (failure?.isTorn === true) this.#isSealed = true;
    if (failure !== undefined) return failure;
    this.#size += end - at;
    this.#nextIndex += ends.length;
    this.#pending += ends.length;
    return undefined;
  }

  /** An event in it was found that is to be delivered. */
  found(): void {
    this.#pending += 1;
  }

  settle(index: number, count: number): void {
    this.#pending -= count;
    // The last one deletes the segment, unless that is to be kept.
    if (!this.#isSealed || this.#pending > 0 || this.#isDamaged) this.#acks.add({ from: index, to: index + count });
  }

  seal(): void {
    this.#isSealed = true;
  }

  spoil(): void {
    this.#isDamaged = true;
  }

  /** Closes its files. They open again when they are needed. */
  close(): void {
    this.#acks.close();
    this.file.close();
  }

  /** Deletes it: first the file, since without its acknowledgements it would be delivered again. @returns false where the disk keeps some */
  remove(): boolean {
    this.close();
    return this.file.remove() && this.#acks.remove();
  }
}
