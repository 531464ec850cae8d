// Cuts what arrives on a socket into replies. Framed, each is preceded by its length (i32, big-endian); unframed, it ends
// where its own grammar says.

import { FlumeError } from '../errors.ts';
import type { Protocol } from './protocol.ts';
import { malformed, Reader, type Reply, Underrun } from './reply.ts';

/** A legal reply has less than 64 bytes, an exception with a long text some more. */
export const maxReplyBytes = 64 * 1024;

export class ReplyStream {
  readonly #protocol: Protocol;
  readonly #framed: boolean;
  /** The beginning of one reply at most: all that is whole is handed over at once. */
  #rest: Buffer | undefined;

  constructor(protocol: Protocol, framed: boolean) {
    this.#protocol = protocol;
    this.#framed = framed;
  }

  /**
   * Hands every reply that `chunk` completes to `onReply`.
   *
   * @throws FlumeError `ERR_FLUME_PROTOCOL` on anything that is no reply; the stream is of no use afterwards
   */
  push(chunk: Buffer, onReply: (reply: Reply) => void): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    while (bytes.length > 0) {
      const next = this.#framed ? this.#readFramed(bytes) : this.#readUnframed(bytes);
      if (next === undefined) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(next.length);
      onReply(next.reply);
    }
  }

  #readFramed(bytes: Buffer): { reply: Reply; length: number } | undefined {
    if (bytes.length < 4) return undefined;
    const length = bytes.readInt32BE(0);
    if (length < 1 || length > maxReplyBytes) throw notAFrame(bytes);
    if (bytes.length < 4 + length) return undefined;
    const reader = new Reader(bytes.subarray(4, 4 + length));
    const reply = this.#read(reader);
    if (reply === undefined) throw malformed('a message that is longer than its frame');
    if (reader.position < length) throw malformed(`${length - reader.position} bytes after the message`);
    return { reply, length: 4 + length };
  }

  #readUnframed(bytes: Buffer): { reply: Reply; length: number } | undefined {
    const stranger = strangerOf(bytes);
    if (stranger !== undefined && stranger !== unframedThrift) throw notThrift(stranger);
    const reader = new Reader(bytes);
    const reply = this.#read(reader);
    if (reply !== undefined) return { reply, length: reader.position };
    if (bytes.length >= maxReplyBytes) throw malformed(`more than ${maxReplyBytes} bytes without an end`);
    return undefined;
  }

  #read(reader: Reader): Reply | undefined {
    try {
      return this.#protocol.readReply(reader);
    } catch (error) {
      if (error instanceof Underrun) return undefined;
      throw error;
    }
  }
}

const unframedThrift = 'it speaks unframed Thrift, where a Flume Thrift source is always framed (the option framed)';

// The first bytes of other peers, in hex: an HTTP server its version, a TLS one an alert or handshake record (type 15 or 16,
// then version 3), SSH its banner, unframed Thrift the message header.
const strangers: readonly (readonly [RegExp, string])[] = [
  [/^48545450/, 'it speaks HTTP: is this the port of a Flume Thrift source?'],
  [/^1[56]03/, 'it speaks TLS: set the option tls'],
  [/^5353482d/, 'it speaks SSH: is this the port of a Flume Thrift source?'],
  [/^(82[46]1|800100|5b312c22)/, unframedThrift],
];

function strangerOf(bytes: Buffer): string | undefined {
  const start = bytes.toString('hex', 0, 4);
  return strangers.find(([pattern]) => pattern.test(start))?.[1];
}

function notAFrame(bytes: Buffer): FlumeError {
  return notThrift(
    strangerOf(bytes) ?? `a frame of ${bytes.readInt32BE(0)} bytes where a reply has 1 to ${maxReplyBytes}`,
  );
}

function notThrift(what: string): FlumeError {
  return new FlumeError('ERR_FLUME_PROTOCOL', `the peer is no Flume Thrift source: ${what}`);
}
