// Thrift's binary protocol (strict), as far as a Flume Thrift source needs it. All numbers are big-endian.
//
//   call    = 80 01 00 01 method(string) sequenceId(i32) args
//   args    = 0C 0001 event 00                                 append: field 1, struct
//           | 0F 0001 0C count(i32) event* 00                  appendBatch: field 1, list of struct
//   event   = 0D 0001 map 0B 0002 body(string) 00              field 1, map; field 2, binary; stop
//   map     = 0B 0B count(i32) (name(string) value(string))*   key and value type: string
//   string  = length(i32) bytes
//   reply   = 80 01 00 type method(string) sequenceId(i32) result                 type: 2 reply, 3 exception
//   result  = 08 0000 status(i32) 00                           field 0, i32
//           | struct of field 1 message(string), field 2 type(i32)                exception

import type { HeaderList } from '../event/flume-event.ts';
import { noRoom, type Protocol } from './protocol.ts';
import { type Field, malformed, type Reader, replyOf } from './reply.ts';
import { hasRoom, utf8Length, writeUtf8 } from './utf8.ts';

const versionMark = 0x8001;
const tail = Uint8Array.of(0);

export const binaryProtocol: Protocol = {
  name: 'binary',
  separatorBytes: 0,
  maxBytesPerUnit: 3,
  bodyShare: 1,

  fixHeaders(headers) {
    // One byte more, as behind each string of an event.
    const bytes = Buffer.alloc(pairsSize(headers) + 1);
    return { count: headers.length / 2, bytes: bytes.subarray(0, writePairs(bytes, 0, headers)) };
  },

  eventSize(fixed, headers, body) {
    const bodyBytes = typeof body === 'string' ? utf8Length(body) : body.length;
    return 9 + fixed.bytes.length + pairsSize(headers) + 7 + bodyBytes + 1;
  },

  writeEvent(target, at, fixed, headers, body) {
    if (at + 9 + fixed.bytes.length > target.length) return noRoom;
    at = writeField(target, at, 0x0d, 1);
    target[at++] = 0x0b;
    target[at++] = 0x0b;
    at = writeI32(target, at, fixed.count + headers.length / 2);
    // An empty set() costs as much as a full one.
    if (fixed.count > 0) target.set(fixed.bytes, at);
    at = writePairs(target, at + fixed.bytes.length, headers);
    if (at === noRoom || at + 8 > target.length) return noRoom;
    at = writeField(target, at, 0x0b, 2);
    at = typeof body === 'string' ? writeString(target, at, body) : writeBytes(target, at, body);
    if (at === noRoom) return noRoom;
    target[at++] = 0;
    return at;
  },

  readEvent(reader) {
    reader.bytes(5);
    const headers = Array.from({ length: 2 * reader.i32() }, () => readText(reader));
    reader.bytes(3);
    const body = reader.bytes(reader.i32());
    reader.bytes(1);
    return { headers, body };
  },

  callHead(method, sequenceId, count, eventBytes) {
    const head = Buffer.allocUnsafe(40);
    let at = writeI32(head, 4, versionMark * 0x10000 + 1);
    at = writeString(head, at, method);
    at = writeI32(head, at, sequenceId);
    if (method === 'append') {
      at = writeField(head, at, 0x0c, 1);
    } else {
      at = writeField(head, at, 0x0f, 1);
      head[at++] = 0x0c;
      at = writeI32(head, at, count);
    }
    writeI32(head, 0, at - 4 + eventBytes + tail.length);
    return head.subarray(0, at);
  },

  callTail: () => tail,

  readReply(reader) {
    const mark = reader.i16();
    if (mark !== versionMark) throw malformed(`version ${mark.toString(16)} of the binary protocol, expected 8001`);
    reader.byte();
    const type = reader.byte();
    const method = readText(reader);
    const sequenceId = reader.i32();
    return replyOf(method, type, sequenceId, readFields(reader));
  },
};

function pairsSize(headers: HeaderList): number {
  let size = 0;
  for (const text of headers) size += 4 + utf8Length(text);
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
  if (!hasRoom(target, at + 4, text)) return noRoom;
  const end = writeUtf8(target, at + 4, text);
  writeI32(target, at, end - at - 4);
  return end;
}

function writeBytes(target: Buffer, at: number, bytes: Uint8Array): number {
  if (at + 4 + bytes.length >= target.length) return noRoom;
  const start = writeI32(target, at, bytes.length);
  target.set(bytes, start);
  return start + bytes.length;
}

function writeField(target: Uint8Array, at: number, type: number, id: number): number {
  target[at++] = type;
  target[at++] = 0;
  target[at++] = id;
  return at;
}

function writeI32(target: Uint8Array, at: number, value: number): number {
  target[at++] = value >>> 24;
  target[at++] = value >>> 16;
  target[at++] = value >>> 8;
  target[at++] = value;
  return at;
}

function readText(reader: Reader): string {
  return reader.bytes(reader.i32()).toString('utf8');
}

function readFields(reader: Reader): Field[] {
  const fields: Field[] = [];
  for (let type = reader.byte(); type !== 0; type = reader.byte()) {
    const id = reader.i16();
    if (type === 8) fields.push({ id, value: reader.i32() });
    else if (type === 11) fields.push({ id, value: readText(reader) });
    else throw malformed(`a field of type ${type}`);
  }
  return fields;
}
