// Cuts a stream of bytes into lines, wherever its chunks begin and end. A line ends with LF or CRLF; a byte order mark before
// it, which a file may begin with that somebody put into the stream, is no part of it.

/**
 * Receives a line: the bytes from `start` up to, not including, `end`. They are valid as long as the chunk is. `skipped` is
 * how many more it had, beyond what can be sent.
 */
export type LineListener = (bytes: Buffer, start: number, end: number, skipped: number) => void;

const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;
// More than a Flume frame can carry: what a line has beyond is skipped, so that input without a newline stays bounded.
export const maxLineBytes = 16 * 1024 * 1024;

export class LineSplitter {
  readonly #onLine: LineListener;
  /** The start of a line whose end has not come yet, in pieces, so that each byte of it is copied twice at most. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #skippedBytes = 0;
  #lastSkipped = 0;

  constructor(onLine: LineListener) {
    this.#onLine = onLine;
  }

  /** Takes the next chunk and hands on the lines that it ends. Empty lines are left out. The chunk is not kept. */
  push(chunk: Buffer): void {
    let start = 0;
    let end = chunk.indexOf(newline);
    if (end !== -1 && this.#pieceBytes > 0) {
      this.#keep(chunk, 0, end);
      this.#handOnPieces();
      start = end + 1;
      end = chunk.indexOf(newline, start);
    }
    while (end !== -1) {
      this.#handOn(chunk, start, end);
      start = end + 1;
      end = chunk.indexOf(newline, start);
    }
    if (start < chunk.length) this.#keep(chunk, start, chunk.length);
  }

  /** There is no more: a line without a newline is handed on as well. */
  end(): void {
    if (this.#pieceBytes > 0) this.#handOnPieces();
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = Math.min(end - start, maxLineBytes - this.#pieceBytes);
    if (length > 0) {
      // A copy: a view would hold the chunk, of up to 4 MiB, and its owner may write the next one over it.
      this.#pieces.push(Buffer.from(chunk.subarray(start, start + length)));
      this.#pieceBytes += length;
    }
    if (start + length === end) return;
    this.#skippedBytes += end - start - length;
    this.#lastSkipped = chunk[end - 1] as number;
  }

  #handOnPieces(): void {
    const [first] = this.#pieces;
    const line =
      this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces, this.#pieceBytes);
    const skipped = this.#skippedBytes;
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#skippedBytes = 0;
    if (skipped === 0) this.#handOn(line, 0, line.length);
    else this.#onLine(line, 0, line.length, this.#lastSkipped === carriageReturn ? skipped - 1 : skipped);
  }

  #handOn(bytes: Buffer, lineStart: number, lineEnd: number): void {
    const start = bytes[lineStart] === byteOrderMark[0] ? afterMark(bytes, lineStart, lineEnd) : lineStart;
    const end = lineEnd > start && bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
    if (end > start) this.#onLine(bytes, start, end, 0);
  }
}

function afterMark(bytes: Buffer, start: number, end: number): number {
  const isMark = end - start >= 3 && bytes[start + 1] === byteOrderMark[1] && bytes[start + 2] === byteOrderMark[2];
  return isMark ? start + byteOrderMark.length : start;
}
