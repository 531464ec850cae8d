// Cuts what arrives on a socket into frames: a length (i32, big-endian), then that many bytes.

import { FlumeError } from '../errors.ts';

/** A legal reply has less than 64 bytes, an exception with a long text some more. */
export const maxReplyBytes = 64 * 1024;

export class FrameReader {
  // At most one frame's beginning: chunks are cut into frames as they come.
  #rest: Buffer | undefined;

  /**
   * Hands every frame that `chunk` completes to `onFrame`.
   *
   * @throws FlumeError `ERR_FLUME_PROTOCOL` on a length outside 1..64 KiB; the reader is of no use afterwards
   */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    while (bytes.length >= 4) {
      const length = bytes.readInt32BE(0);
      if (length < 1 || length > maxReplyBytes) throw notAFrame(bytes);
      if (bytes.length < 4 + length) break;
      onFrame(bytes.subarray(4, 4 + length));
      bytes = bytes.subarray(4 + length);
    }
    if (bytes.length > 0) this.#rest = bytes;
  }
}

// What other peers send first, read as a frame's length. An HTTP server answers in text, a TLS one with an alert record
// (type 0x15 or handshake 0x16, then version 3), SSH with its banner, unframed Thrift with its message header.
const strangers: readonly (readonly [RegExp, string])[] = [
  [/^HTTP/, 'it speaks HTTP: is this the port of a Flume Thrift source?'],
  [/^[\x15\x16]\x03/, 'it speaks TLS: set the option tls'],
  [/^SSH-/, 'it speaks SSH: is this the port of a Flume Thrift source?'],
  [/^(\x82[\x41\x61]|\x80\x01\x00)/, 'it speaks unframed Thrift, a Flume Thrift source is always framed'],
];

function notAFrame(bytes: Buffer): FlumeError {
  const start = bytes.toString('latin1', 0, 4);
  const stranger = strangers.find(([pattern]) => pattern.test(start))?.[1];
  const what = stranger ?? `a frame of ${bytes.readInt32BE(0)} bytes where a reply has 1 to ${maxReplyBytes}`;
  return new FlumeError('ERR_FLUME_PROTOCOL', `the peer is no Flume Thrift source: ${what}`);
}
