// The segments whose files are open: a few, however many there are.

import type { HeldSegment } from './held-segment.ts';

const maxOpen = 8;

export class OpenSegments {
  /** The last is the one that was used last. */
  readonly #segments: HeldSegment[] = [];

  /** Its files may be opened: those of the one that was not used for longest are closed. They open again when they are needed. */
  use(segment: HeldSegment): void {
    if (this.#segments[this.#segments.length - 1] === segment) return;
    this.forget(segment);
    this.#segments.push(segment);
    if (this.#segments.length > maxOpen) this.#segments.shift()?.close();
  }

  forget(segment: HeldSegment): void {
    const at = this.#segments.indexOf(segment);
    if (at >= 0) this.#segments.splice(at, 1);
  }

  clear(): void {
    this.#segments.length = 0;
  }
}
