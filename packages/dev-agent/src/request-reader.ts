// Cuts the bytes of a connection into requests.

import type { MessageCodec, Request } from './message.ts';
import { isIncomplete } from './message.ts';

/** Flume's limit for the payload of a frame; the four bytes of the length are not counted. */
export const maxFrameBytes = 16_384_000;

export interface RequestReader {
  /** Bytes that came and belong to no request yet. */
  readonly buffered: number;
  /** A part of a request has come. */
  readonly isInside: boolean;
  /** How long next() should not be asked again unless bytes come: reading in vain takes time too. */
  readonly pauseMs: number;
  push(chunk: Buffer): void;
  /** The next whole request; throws where a real agent closes the connection without a reply. */
  next(): Request | undefined;
}

/** frame := length (4 bytes, big-endian, signed, > 0), message */
export class FramedReader implements RequestReader {
  readonly pauseMs = 0;
  readonly #codec: MessageCodec;
  readonly #chunks = new ChunkQueue();
  /** The length of the frame that is arriving; 0 before its four bytes are there. */
  #frameBytes = 0;
  #skipBytes = 0;
  /** Why no further request can be read. */
  #spoiled: string | undefined;

  constructor(codec: MessageCodec) {
    this.#codec = codec;
  }

  get buffered(): number {
    return this.#chunks.length;
  }

  get isInside(): boolean {
    return this.#chunks.length > 0 || this.#frameBytes > 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  next(): Request | undefined {
    const frame = this.#nextFrame();
    if (frame === undefined) return undefined;
    if (this.#spoiled !== undefined) throw new Error(this.#spoiled);
    const { request, consumed } = this.#codec.decode(frame);
    // Bytes that a message leaves of its frame stand before the next message, which then cannot be read.
    this.#spoiled = spoiledBy(request, frame.length - consumed);
    return request;
  }

  #nextFrame(): Buffer | undefined {
    if (this.#skipBytes > 0) return this.#skip();
    if (this.#frameBytes === 0) {
      if (this.#chunks.length < 4) return undefined;
      const length = this.#chunks.take(4).readInt32BE();
      if (length <= 0) throw new Error(`a frame of ${length} bytes; is the client framed?`);
      // libthrift 0.14 gives up at once above 256 MiB; up to there it reads the frame and then closes.
      if (length > 256 * 1024 * 1024) throw new Error(tooLarge(length));
      this.#frameBytes = length;
      if (length > maxFrameBytes) {
        this.#skipBytes = length;
        return this.#skip();
      }
    }
    if (this.#chunks.length < this.#frameBytes) return undefined;
    const frame = this.#chunks.take(this.#frameBytes);
    this.#frameBytes = 0;
    return frame;
  }

  #skip(): undefined {
    this.#skipBytes -= this.#chunks.drop(this.#skipBytes);
    if (this.#skipBytes === 0) throw new Error(tooLarge(this.#frameBytes));
  }
}

/**
 * Messages one after the other, with no length before them: whether one is whole shows only in reading it. Each attempt starts
 * anew, so that after one in vain there is a pause of some times its own duration.
 */
export class UnframedReader implements RequestReader {
  readonly #codec: MessageCodec;
  readonly #now: () => number;
  readonly #chunks = new ChunkQueue();
  #triedBytes = 0;
  #nextTryMs = 0;
  /** Why no further request can be read. */
  #spoiled: string | undefined;

  /** @param now milliseconds, on a clock that never jumps */
  constructor(codec: MessageCodec, now: () => number = () => performance.now()) {
    this.#codec = codec;
    this.#now = now;
  }

  get buffered(): number {
    return this.#chunks.length;
  }

  get isInside(): boolean {
    return this.#chunks.length > 0;
  }

  get pauseMs(): number {
    return this.#chunks.length === this.#triedBytes ? 0 : Math.max(0, this.#nextTryMs - this.#now());
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  next(): Request | undefined {
    const length = this.#chunks.length;
    if (length === this.#triedBytes || this.pauseMs > 0) return undefined;
    if (this.#spoiled !== undefined) throw new Error(this.#spoiled);
    const bytes = this.#chunks.peek();
    const began = this.#now();
    try {
      const { request, consumed } = this.#codec.decode(bytes);
      this.#chunks.drop(consumed);
      this.#triedBytes = 0;
      this.#spoiled = spoiledBy(request, 0);
      return request;
    } catch (error) {
      if (!isIncomplete(error)) throw error;
      if (length > maxFrameBytes) throw new Error(`a message above ${maxFrameBytes} bytes`);
      const ended = this.#now();
      this.#triedBytes = length;
      this.#nextTryMs = ended + 4 * Math.max(0, ended - began - freeAttemptMs);
      return undefined;
    }
  }
}

/** An attempt that was no longer than this is repeated with the next bytes. */
const freeAttemptMs = 2;

/** Chunks as they come from the socket; bytes are copied only where a frame spans several, and then once. */
class ChunkQueue {
  #chunks: Buffer[] = [];
  /** The first chunk that is not used up, and how much of it is. */
  #first = 0;
  #offset = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Removes and returns `size` bytes, which must be there. */
  take(size: number): Buffer {
    const first = this.#chunks[this.#first];
    if (first !== undefined && first.length - this.#offset >= size) {
      const bytes = first.subarray(this.#offset, this.#offset + size);
      this.drop(size);
      return bytes;
    }
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    let from = this.#offset;
    for (const chunk of this.#chunks.slice(this.#first)) {
      filled += chunk.copy(bytes, filled, from);
      if (filled === size) break;
      from = 0;
    }
    this.drop(size);
    return bytes;
  }

  /** All bytes as one buffer; they stay. */
  peek(): Buffer {
    if (this.#chunks.length - this.#first > 1) {
      // With nothing left, the queue starts anew.
      this.push(this.take(this.#length));
    }
    return this.#chunks[this.#first]?.subarray(this.#offset) ?? Buffer.alloc(0);
  }

  /** Removes up to `size` bytes; returns how many. */
  drop(size: number): number {
    const dropped = Math.min(size, this.#length);
    this.#length -= dropped;
    this.#offset += dropped;
    for (let chunk = this.#chunks[this.#first]; chunk !== undefined; chunk = this.#chunks[this.#first]) {
      if (this.#offset < chunk.length) break;
      this.#offset -= chunk.length;
      this.#first++;
    }
    if (this.#length === 0) {
      this.#chunks = [];
      this.#first = 0;
    } else if (this.#first >= 64) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
    return dropped;
  }
}

function spoiledBy(request: Request, bytesLeft: number): string | undefined {
  if (request.tag === 'refused' && request.desynchronised) {
    return `the request before was read in part only: ${request.exception.message}`;
  }
  return bytesLeft > 0 ? `the request before had ${bytesLeft} bytes behind its message` : undefined;
}

function tooLarge(length: number): string {
  return `a frame of ${length} bytes is larger than ${maxFrameBytes}`;
}
