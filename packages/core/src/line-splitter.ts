// Cuts a stream of bytes into lines, wherever its chunks begin and end.

/** Receives a line: the bytes from `start` up to, not including, `end`. They are valid as long as the chunk is. */
export type LineListener = (bytes: Buffer, start: number, end: number) => void;

const newline = 0x0a;
// More than a Flume frame can carry: what a line has beyond is skipped, so that input without a newline stays bounded.
export const maxLineBytes = 16 * 1024 * 1024;

export class LineSplitter {
  readonly #onLine: LineListener;
  /** The start of a line whose end has not come yet, in pieces, so that each byte of it is copied twice at most. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;

  constructor(onLine: LineListener) {
    this.#onLine = onLine;
  }

  /** Takes the next chunk and hands on the lines that it ends. Empty lines are left out. The chunk is not kept. */
  push(chunk: Buffer): void {
    let start = 0;
    let end = chunk.indexOf(newline);
    if (end !== -1 && this.#pieceBytes > 0) {
      this.#keep(chunk, 0, end);
      this.#handOn();
      start = end + 1;
      end = chunk.indexOf(newline, start);
    }
    while (end !== -1) {
      if (end > start) this.#onLine(chunk, start, end);
      start = end + 1;
      end = chunk.indexOf(newline, start);
    }
    if (start < chunk.length) this.#keep(chunk, start, chunk.length);
  }

  /** There is no more: a line without a newline is handed on as well. */
  end(): void {
    if (this.#pieceBytes > 0) this.#handOn();
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = Math.min(end - start, maxLineBytes - this.#pieceBytes);
    if (length <= 0) return;
    // A copy: a view would hold the chunk, of up to 4 MiB, and its owner may write the next one over it.
    this.#pieces.push(Buffer.from(chunk.subarray(start, start + length)));
    this.#pieceBytes += length;
  }

  #handOn(): void {
    const [first] = this.#pieces;
    const line =
      this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#onLine(line, 0, line.length);
  }
}
