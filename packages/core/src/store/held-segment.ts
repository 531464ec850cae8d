// A segment that a writer holds: its file, its acknowledgements, and how many of its events are still to settle.

import type { Disk } from '../disk.ts';
import type { Home, Place } from './event-range.ts';
import { headerBytes, recordHeadBytes, type SegmentIdentity, sealRecord } from './segment.ts';
import { acksPath, SegmentAcks } from './segment-acks.ts';
import type { SegmentFile } from './segment-file.ts';

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

  /** @param size of a segment that was found; by default it is new @param ackBytes of its acknowledgements, where it has some */
  constructor(disk: Disk, file: SegmentFile, identity: SegmentIdentity, size: number = headerBytes, ackBytes?: number) {
    this.file = file;
    this.identity = identity;
    this.#size = size;
    this.#acks = new SegmentAcks(disk, acksPath(file.path), identity.salt, ackBytes);
  }

  /** Bytes of whole records and the header: where the next record goes. */
  get size(): number {
    return this.#size;
  }

  /** Bytes on disk, acknowledgements included. */
  get diskBytes(): number {
    return this.#size + this.#acks.bytes;
  }

  /** Events that are queued. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Writes records whose payloads are in place: the first begins at `at`, and they end at `ends`.
   *
   * @returns where the first is, or what the disk throws: then none is written, and where `isTorn` nothing can be any more
   */
  append(bytes: Buffer, at: number, ends: readonly number[]): Place | { error: unknown; isTorn: boolean } {
    let end = at;
    for (let count = 0; count < ends.length; count++) {
      const start = end;
      end = ends[count] as number;
      sealRecord(bytes, start, end, this.#nextIndex + count, this.identity.salt);
    }
    const failure = this.file.append(bytes, at, end, this.#size);
    if (failure !== undefined) return failure;
    const place = { home: this, index: this.#nextIndex, start: this.#size };
    this.#size += end - at;
    this.#nextIndex += ends.length;
    this.#pending += ends.length;
    return place;
  }

  /** An event in it was found that is to be delivered. */
  found(): void {
    this.#pending += 1;
  }

  /** These records are settled. @returns whether nobody needs the segment any more */
  settle(index: number, count: number): boolean {
    this.#pending -= count;
    // The last one deletes the segment, unless that is to be kept.
    if (!this.#isDone || this.#isDamaged) this.#acks.add({ from: index, to: index + count });
    return this.#isDone;
  }

  /** Nothing is added to it any more. @returns whether nobody needs it */
  seal(): boolean {
    this.#isSealed = true;
    return this.#isDone;
  }

  /** Some of it cannot be read: it is kept for people when its events are settled. */
  spoil(): void {
    this.#isDamaged = true;
  }

  /** Closes its files. They open again when they are needed. */
  close(): void {
    this.#acks.close();
    this.file.close();
  }

  /**
   * Deletes it: first the file, since without its acknowledgements it would be delivered again.
   *
   * @param keep moves away the file of one that is damaged, unless it returns false
   * @returns false where some of it stays
   */
  remove(keep: (path: string) => boolean): boolean {
    this.close();
    return (!this.#isDamaged || keep(this.file.path)) && this.file.remove() && this.#acks.remove();
  }

  get #isDone(): boolean {
    return this.#isSealed && this.#pending === 0;
  }
}
