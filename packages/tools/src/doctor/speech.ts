// The language of a peer, told from its first bytes; and the words that make each of them show itself.

import { protocolNamed } from 'flume-thrift-client/commands';

export type Language =
  | { readonly tag: 'thrift'; readonly protocol: 'compact' | 'binary' | 'json'; readonly framed: boolean }
  | { readonly tag: 'sasl' | 'tls' | 'http' | 'avro' }
  | { readonly tag: 'other'; readonly text: string };

export type Protocol = 'compact' | 'binary' | 'json';

/** An empty batch: whoever understands it answers OK, and stores nothing. */
export function emptyBatch(protocol: Protocol, framed: boolean): Buffer {
  const words = protocolNamed(protocol);
  const call = Buffer.concat([words.callHead('appendBatch', 1, 0, 0), words.callTail('appendBatch')]);
  return framed ? call : call.subarray(4);
}

/** A mechanism that nobody has: a source with Kerberos says so, and wants no ticket for it. */
export const saslQuestion: Buffer = saslMessage(1, 'FLUME-DOCTOR');

function saslMessage(status: number, text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(status, 0);
  head.writeUInt32BE(text.length, 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

/**
 * Avro's handshake over Netty, of a client with a protocol that the source does not know: it answers with its own.
 * Frame: serial, number of buffers, length of the first; handshake: client's hash, no protocol, server's hash, no meta.
 */
export const avroQuestion: Buffer = (() => {
  const handshake = Buffer.concat([Buffer.alloc(16, 1), Buffer.from([0]), Buffer.alloc(16, 1), Buffer.from([0])]);
  const head = Buffer.alloc(12);
  head.writeUInt32BE(1, 0);
  head.writeUInt32BE(1, 4);
  head.writeUInt32BE(handshake.length, 8);
  return Buffer.concat([head, handshake]);
})();

/** @returns undefined for no bytes */
export function languageOf(bytes: Buffer): Language | undefined {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString('latin1');
  if (/^HTTP\/1\.[01] /.test(text)) return { tag: 'http' };
  // An alert of TLS: 15, and a version 03 …
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return { tag: 'tls' };
  if (text.includes('AvroSourceProtocol') || text.includes('"protocol"')) return { tag: 'avro' };
  if ((bytes[0] === 3 || bytes[0] === 4) && bytes.length >= 5 && bytes.readUInt32BE(1) < 65_536) return { tag: 'sasl' };
  const framed = bytes.length > 4 && bytes.readUInt32BE(0) < 1_000_000;
  const message = framed ? bytes.subarray(4) : bytes;
  const protocol = protocolOf(message);
  if (protocol !== undefined) return { tag: 'thrift', protocol, framed };
  return { tag: 'other', text: text.slice(0, 40) };
}

function protocolOf(message: Buffer): Protocol | undefined {
  if (message[0] === 0x82) return 'compact';
  if (message[0] === 0x80 && message[1] === 0x01) return 'binary';
  return message.toString('latin1', 0, 3) === '[1,' ? 'json' : undefined;
}
