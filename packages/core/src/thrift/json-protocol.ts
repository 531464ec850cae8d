// Thrift's JSON protocol, for other Thrift servers: Flume's source does not speak it. So it is written to be short.
//
//   call    = [1,"method",1,sequenceId,{"1":args}]
//   args    = {"rec":event}                                    append: a struct
//           | {"lst":["rec",count(,event)*]}                   appendBatch: a list of structs
//   event   = {"1":{"map":["str","str",count,{("name":"value",)*}]},"2":{"str":"body in base64"}}
//   reply   = [1,"method",2,sequenceId,{"0":{"i32":status}}]
//           | [1,"method",3,sequenceId,{"1":{"str":"message"},"2":{"i32":type}}]  exception
//
// An event is kept with the comma before it, so that a list is a run of bytes here too.

import type { HeaderList } from '../event/flume-event.ts';
import { shownText } from '../shown-value.ts';
import { type FixedHeaders, noRoom, type Protocol } from './protocol.ts';
import { malformed, type Reader, type Reply, replyOf } from './reply.ts';

export const jsonProtocol: Protocol = {
  name: 'json',
  separatorBytes: 1,
  // A control character takes 6 bytes: \u0001.
  maxBytesPerUnit: 6,
  bodyShare: 3 / 4,

  fixHeaders(headers) {
    return { count: headers.length / 2, bytes: Buffer.from(pairs(headers)) };
  },

  eventSize(fixed, headers, body) {
    return Buffer.byteLength(eventText(fixed, headers, body));
  },

  writeEvent(target, at, fixed, headers, body) {
    const text = eventText(fixed, headers, body);
    return at + Buffer.byteLength(text) > target.length ? noRoom : at + target.write(text, at);
  },

  readEvent(reader) {
    reader.bytes(1);
    const event = JSON.parse(reader.bytes(messageLength(reader)).toString('utf8')) as JsonEvent;
    const headers = Object.entries(event[1].map[3]).flat();
    return { headers, body: Buffer.from(event[2].str, 'base64') };
  },

  callHead(method, sequenceId, count, eventBytes) {
    const args = method === 'append' ? '"rec":' : `"lst":["rec",${count}`;
    const head = Buffer.from(`    [1,"${method}",1,${sequenceId},{"1":{${args}`);
    head.writeInt32BE(head.length - 4 + eventBytes + jsonProtocol.callTail(method).length, 0);
    return head;
  },

  callTail: (method) => (method === 'append' ? appendTail : batchTail),

  readReply(reader) {
    const text = reader.bytes(messageLength(reader)).toString('utf8');
    try {
      return messageReply(JSON.parse(text));
    } catch (error) {
      // A RangeError comes from nesting too deep.
      if (error instanceof SyntaxError || error instanceof RangeError) throw malformed('text that is no JSON');
      throw error;
    }
  },
};

interface JsonEvent {
  readonly 1: { readonly map: readonly [string, string, number, Record<string, string>] };
  readonly 2: { readonly str: string };
}

const appendTail = Buffer.from('}}]');
const batchTail = Buffer.from(']}}]');

function eventText(fixed: FixedHeaders, headers: HeaderList, body: string | Uint8Array): string {
  const count = fixed.count + headers.length / 2;
  const both = [Buffer.from(fixed.bytes).toString(), pairs(headers)].filter((text) => text !== '').join();
  // Without padding, as Java writes it: libthrift up to 0.9.3 takes the padding for data.
  const base64 = Buffer.from(body as string)
    .toString('base64')
    .replace(/=+$/, '');
  return `,{"1":{"map":["str","str",${count},{${both}}]},"2":{"str":"${base64}"}}`;
}

function pairs(headers: HeaderList): string {
  // Lone surrogates become U+FFFD as in the other protocols: escaped, Java and Python would refuse them.
  const strings = headers.map((text) => JSON.stringify(text.toWellFormed()));
  return strings
    .map((text, index) => (index % 2 === 0 ? `${text}:` : index < strings.length - 1 ? `${text},` : text))
    .join('');
}

/** The bytes up to the bracket that closes the message, which alone say where it ends on an unframed stream. */
function messageLength(reader: Reader): number {
  let depth = 0;
  let inString = false;
  for (let length = 1; ; length++) {
    const byte = reader.peek(length - 1);
    if (inString) {
      if (byte === 0x5c) length += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    if (depth === 0) return length;
  }
}

function messageReply(message: unknown): Reply {
  if (!Array.isArray(message) || message.length !== 5 || message[0] !== 1) throw malformed('JSON that is no message');
  const [, method, type, sequenceId, result] = message as unknown[];
  if (typeof method !== 'string' || typeof type !== 'number' || !Number.isInteger(sequenceId)) {
    throw malformed('JSON that is no message');
  }
  const fields = Object.entries(typeof result === 'object' && result !== null ? result : {}).map(([id, value]) => {
    const [[tag, content] = ['', undefined]] = Object.entries((value ?? {}) as object) as [string, unknown][];
    const known = (tag === 'i32' && Number.isInteger(content)) || (tag === 'str' && typeof content === 'string');
    // Number(' ') is 0 as well, and so is Number('00').
    if (String(Number(id)) !== id) throw malformed(`a field "${shownText(id)}"`);
    return { id: Number(id), value: known ? (content as string | number) : undefined };
  });
  return replyOf(method, type, sequenceId as number, fields);
}
