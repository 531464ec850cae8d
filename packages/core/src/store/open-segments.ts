// The segments whose files are open: a few, however many there are.

import type { SegmentFile } from './segment-file.ts';

const maxOpen = 8;

export class OpenSegments {
  /** The last is the one that was used last. */
  readonly #segments: SegmentFile[] = [];

  /** @param keep is never closed to make room: it is written to */
  use(segment: SegmentFile, keep: SegmentFile | undefined): void {
    if (this.#segments[this.#segments.length - 1] === segment) return;
    const at = this.#segments.indexOf(segment);
    if (at >= 0) this.#segments.splice(at, 1);
    this.#segments.push(segment);
    if (this.#segments.length <= maxOpen) return;
    const oldest = this.#segments.findIndex((one) => one !== keep);
    for (const closing of this.#segments.splice(oldest, 1)) closing.close();
  }

  /** The segment is deleted. */
  forget(segment: SegmentFile): void {
    const at = this.#segments.indexOf(segment);
    if (at >= 0) this.#segments.splice(at, 1);
  }

  close(): void {
    for (const segment of this.#segments.splice(0)) segment.close();
  }
}
