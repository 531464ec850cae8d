// What the `thrift` package, with none of our own code, makes of the bytes that a client received: the witness for every
// answer that our client took for an OK.

import { createRequire } from 'node:module';
import type { WitnessProtocol } from '../../packages/core/test/thrift/witness.ts';

const require = createRequire(import.meta.url);
const thrift = require('thrift');

const protocols = { compact: thrift.TCompactProtocol, binary: thrift.TBinaryProtocol, json: thrift.TJSONProtocol };
const ok = 0;
// No OK is longer.
const longestJson = 1_000;

export interface WitnessedReply {
  readonly method: string;
  readonly sequenceId: number;
  /** undefined: it is no reply, or has no status. */
  readonly status: number | undefined;
}

export const isOk = ({ status }: WitnessedReply): boolean => status === ok;

/** The first replies of the stream, `most` at most, up to the first bytes that are none. */
export function repliesIn(stream: Buffer, protocol: WitnessProtocol, framed: boolean, most: number): WitnessedReply[] {
  const replies: WitnessedReply[] = [];
  for (let rest = stream; replies.length < most; ) {
    const next = framed ? frame(rest, protocol) : unframed(rest, protocol);
    if (next === undefined) break;
    replies.push(next.reply);
    rest = rest.subarray(next.length);
  }
  return replies;
}

interface Decoded {
  readonly reply: WitnessedReply;
  readonly length: number;
}

function frame(bytes: Buffer, protocol: WitnessProtocol): Decoded | undefined {
  if (bytes.length < 4) return undefined;
  const length = bytes.readInt32BE(0);
  if (length < 1 || bytes.length < 4 + length) return undefined;
  const decoded = message(bytes.subarray(4, 4 + length), protocol);
  return decoded && { reply: decoded.reply, length: 4 + length };
}

function unframed(bytes: Buffer, protocol: WitnessProtocol): Decoded | undefined {
  if (protocol !== 'json') return message(bytes, protocol);
  // The shortest beginning that is JSON.
  for (let end = bytes.indexOf(']') + 1; end > 0 && end < longestJson; end = bytes.indexOf(']', end) + 1) {
    try {
      JSON.parse(bytes.toString('utf8', 0, end));
    } catch {
      continue;
    }
    const decoded = message(bytes.subarray(0, end), protocol);
    return decoded && { reply: decoded.reply, length: end };
  }
  return undefined;
}

function message(bytes: Buffer, protocol: WitnessProtocol): Decoded | undefined {
  const transport = new thrift.TFramedTransport(bytes);
  const input = new protocols[protocol](transport);
  try {
    const { fname, mtype, rseqid } = input.readMessageBegin();
    const isReply = mtype === thrift.Thrift.MessageType.REPLY;
    const status = isReply ? readStatus(input) : void input.skip(thrift.Thrift.Type.STRUCT);
    input.readMessageEnd();
    return { reply: { method: String(fname), sequenceId: rseqid | 0, status }, length: transport.readPos };
  } catch {
    return undefined;
  }
}

/** As the generated code reads a result. */
// biome-ignore lint/suspicious/noExplicitAny: the package brings no types
// oxlint-disable-next-line typescript/no-explicit-any
function readStatus(input: any): number | undefined {
  const { Type } = thrift.Thrift;
  let status: number | undefined;
  input.readStructBegin();
  for (let field = input.readFieldBegin(); field.ftype !== Type.STOP; field = input.readFieldBegin()) {
    if (field.fid === 0 && field.ftype === Type.I32) status = input.readI32();
    else input.skip(field.ftype);
    input.readFieldEnd();
  }
  input.readStructEnd();
  return status;
}
