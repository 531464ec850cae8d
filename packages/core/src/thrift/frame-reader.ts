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

// What other peers send first, in hex: an HTTP server its version, a TLS one an alert or handshake record (type 15 or 16,
// then version 3), SSH its banner, unframed Thrift the message header.
const strangers: readonly (readonly [RegExp, string])[] = [
  [/^48545450/, 'it speaks HTTP: is this the port of a Flume Thrift source?'],
  [/^1[56]03/, 'it speaks TLS'],
  [/^5353482d/, 'it speaks SSH: is this the port of a Flume Thrift source?'],
  [/^(82[46]1|800100)/, 'it speaks unframed Thrift, where a Flume Thrift source is always framed'],
];

function notAFrame(bytes: Buffer): FlumeError {
  const start = bytes.toString('hex', 0, 4);
  const stranger = strangers.find(([pattern]) => pattern.test(start))?.[1];
  const what = stranger ?? `a frame of ${bytes.readInt32BE(0)} bytes where a reply has 1 to ${maxReplyBytes}`;
  return new FlumeError('ERR_FLUME_PROTOCOL', `the peer is no Flume Thrift source: ${what}`);
}
