// Thrift's compact protocol, as far as a Flume Thrift source needs it.
//
//   call    = 82 21 sequenceId(varint) method(string) args
//   args    = 1C event 00                                      append: field 1, struct
//           | 19 list event* 00                                appendBatch: field 1, list
//   list    = (count << 4 | 0C)  for count < 15                element type: struct
//           | FC count(varint)
//   event   = 1B map 18 body 00                                field 1, map; field 2 (delta 1), binary; stop
//   map     = 00  where it is empty
//           | count(varint) 88 (name(string) value(string))*   key and value type: binary
//   string  = length(varint) bytes
//   reply   = 82 (type << 5 | 01) sequenceId(varint) method(string) result        type: 2 reply, 3 exception
//   result  = 05 00 status(zigzag varint) 00                   field 0 as a long-form header, i32
//           | struct of field 1 message(string), field 2 type(zigzag varint)      exception

import type { HeaderList } from '../event/flume-event.ts';
import { noRoom, type Protocol } from './protocol.ts';
import { type Field, malformed, type Reader, replyOf } from './reply.ts';
import { hasRoom, shortLength, utf8Length, writeUtf8 } from './utf8.ts';

const protocolId = 0x82;
const version = 1;
const tail = Uint8Array.of(0);

export const compactProtocol: Protocol = {
  name: 'compact',
  separatorBytes: 0,
  maxBytesPerUnit: 3,
  bodyShare: 1,

  fixHeaders(headers) {
    // One byte more, as behind each string of an event.
    const bytes = Buffer.alloc(pairsSize(headers) + 1);
    return { count: headers.length / 2, bytes: bytes.subarray(0, writePairs(bytes, 0, headers)) };
  },

  eventSize(fixed, headers, body) {
    const count = fixed.count + headers.length / 2;
    const map = count === 0 ? 1 : varintSize(count) + 1 + fixed.bytes.length + pairsSize(headers);
    const bodyBytes = typeof body === 'string' ? utf8Length(body) : body.length;
    return 1 + map + 1 + varintSize(bodyBytes) + bodyBytes + 1;
  },

  writeEvent(target, at, fixed, headers, body) {
    const count = fixed.count + headers.length / 2;
    // No event is shorter than what stands before its first header with its stop.
    if (at + 3 + varintSize(count) + fixed.bytes.length > target.length) return noRoom;
    target[at++] = 0x1b;
    at = writeVarint(target, at, count);
    if (count > 0) {
      target[at++] = 0x88;
      // An empty set() costs as much as a full one.
      if (fixed.count > 0) target.set(fixed.bytes, at);
      at = writePairs(target, at + fixed.bytes.length, headers);
      if (at === noRoom) return noRoom;
    }
    target[at++] = 0x18;
    at = typeof body === 'string' ? writeString(target, at, body) : writeBytes(target, at, body);
    if (at === noRoom) return noRoom;
    target[at++] = 0;
    return at;
  },

  readEvent(reader) {
    reader.bytes(1);
    const count = readVarint(reader);
    if (count > 0) reader.bytes(1);
    const headers = Array.from({ length: 2 * count }, () => readText(reader));
    reader.bytes(1);
    const body = reader.bytes(readVarint(reader));
    reader.bytes(1);
    return { headers, body };
  },

  callHead(method, sequenceId, count, eventBytes) {
    const head = Buffer.allocUnsafe(40);
    head[4] = protocolId;
    head[5] = (1 << 5) | version;
    let at = writeVarint(head, 6, sequenceId);
    at = writeString(head, at, method);
    if (method === 'append') {
      head[at++] = 0x1c;
    } else {
      head[at++] = 0x19;
      if (count < 15) {
        head[at++] = (count << 4) | 0x0c;
      } else {
        head[at++] = 0xfc;
        at = writeVarint(head, at, count);
      }
    }
    head.writeInt32BE(at - 4 + eventBytes + tail.length, 0);
    return head.subarray(0, at);
  },

  callTail: () => tail,

  readReply(reader) {
    const id = reader.byte();
    if (id !== protocolId) throw malformed(`protocol id ${id}, expected ${protocolId} (compact)`);
    const head = reader.byte();
    if ((head & 0x1f) !== version)
      throw malformed(`version ${head & 0x1f} of the compact protocol, expected ${version}`);
    const sequenceId = readVarint(reader);
    const method = readText(reader);
    return replyOf(method, head >> 5, sequenceId, readFields(reader));
  },
};

function pairsSize(headers: HeaderList): number {
  let size = 0;
  for (const text of headers) {
    const bytes = utf8Length(text);
    size += varintSize(bytes) + bytes;
  }
  return size;
}

function writePairs(target: Buffer, at: number, headers: HeaderList): number {
  for (let index = 0; index < headers.length && at !== noRoom; index++) {
    at = writeString(target, at, headers[index] as string);
  }
  return at;
}

/** @returns the end; `noRoom` where the text might not fit with a byte behind it, which follows every string of an event */
function writeString(target: Buffer, at: number, text: string): number {
  // Most are so short that their length takes one byte, however wide their characters are.
  if (text.length > shortLength || at + 1 + 3 * shortLength >= target.length) return writeLong(target, at, text);
  const end = writeUtf8(target, at + 1, text);
  target[at] = end - at - 1;
  return end;
}

function writeLong(target: Buffer, at: number, text: string): number {
  if (!hasRoom(target, at + varintSize(3 * text.length), text)) {
    // So near to the target's end it is counted before.
    const start = at + varintSize(utf8Length(text));
    return hasRoom(target, start, text) ? writeUtf8(target, writeVarint(target, at, utf8Length(text)), text) : noRoom;
  }
  // Written first and counted by that: the length nearly always takes as many bytes as if the text were ASCII.
  const width = varintSize(text.length);
  const end = writeUtf8(target, at + width, text);
  const size = end - at - width;
  const more = varintSize(size) - width;
  if (more > 0) target.copyWithin(at + width + more, at + width, end);
  writeVarint(target, at, size);
  return end + more;
}

function writeBytes(target: Buffer, at: number, bytes: Uint8Array): number {
  const { length } = bytes;
  if (at + varintSize(length) + length >= target.length) return noRoom;
  const start = writeVarint(target, at, length);
  target.set(bytes, start);
  return start + length;
}

function writeVarint(target: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    target[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  target[at++] = value;
  return at;
}

function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** An unsigned 32-bit varint: 5 bytes at most. */
function readVarint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.byte();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
  throw malformed('a number of more than 5 bytes');
}

function readText(reader: Reader): string {
  return reader.bytes(readVarint(reader)).toString('utf8');
}

function readZigzag(reader: Reader): number {
  const value = readVarint(reader);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function readFields(reader: Reader): Field[] {
  const fields: Field[] = [];
  let id = 0;
  for (let head = reader.byte(); head !== 0; head = reader.byte()) {
    const delta = head >> 4;
    id = delta === 0 ? readZigzag(reader) : id + delta;
    const type = head & 0x0f;
    if (type === 5) fields.push({ id, value: readZigzag(reader) });
    else if (type === 8) fields.push({ id, value: readText(reader) });
    else throw malformed(`a field of type ${type}`);
  }
  return fields;
}
