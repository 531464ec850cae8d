// The reply to a call, read strictly: every length is held against the bytes that are there, and anything that a Flume
// Thrift source does not send is an error, since an answer must never be guessed.

import thrift from 'thrift/lib/nodejs/lib/thrift/thrift.js';
import { FlumeError } from '../errors.ts';
import type { Method } from './protocol.ts';

export interface Reply {
  readonly method: Method;
  readonly sequenceId: number;
  readonly result:
    | { readonly tag: 'status'; readonly status: Status }
    | { readonly tag: 'exception'; readonly type: number; readonly message: string };
}

export type Status = 'OK' | 'FAILED' | 'ERROR' | 'UNKNOWN';

/** The enum of idl/flume.thrift, in the order of its numbers. */
const statuses: readonly Status[] = ['OK', 'FAILED', 'ERROR', 'UNKNOWN'];

// Text of a stranger ends up in logs: bounded, and without control characters.
const maxExceptionText = 1024;

/** How a protocol reads the fields of a flat struct of i32 and string. */
export interface FieldReader {
  /** The next field's id and type (undefined for any other type), or undefined at the struct's end. */
  next(reader: Reader, previousId: number): { id: number; type: 'i32' | 'string' | undefined } | undefined;
  i32(reader: Reader): number;
  string(reader: Reader): string;
}

/** Reads what follows the message header, to the last byte. */
export function readReply(
  reader: Reader,
  messageType: number,
  sequenceId: number,
  method: Method,
  fields: FieldReader,
): Reply {
  if (messageType === thrift.MessageType.REPLY) {
    return { method, sequenceId, result: { tag: 'status', status: readStatus(reader, fields) } };
  }
  if (messageType === thrift.MessageType.EXCEPTION) {
    return { method, sequenceId, result: readException(reader, fields) };
  }
  throw malformed(`message type ${messageType}`);
}

function readStatus(reader: Reader, fields: FieldReader): Status {
  const field = fields.next(reader, 0);
  if (field === undefined) throw malformed('a reply without a status');
  if (field.id !== 0 || field.type !== 'i32') throw malformed('a reply whose first field is no status');
  const number = fields.i32(reader);
  const status = statuses[number];
  if (status === undefined) throw malformed(`status ${number}`);
  if (fields.next(reader, 0) !== undefined) throw malformed('a reply with more than a status');
  reader.end();
  return status;
}

function readException(reader: Reader, fields: FieldReader): Reply['result'] {
  let message = '';
  let type = 0;
  let id = 0;
  for (let field = fields.next(reader, id); field !== undefined; field = fields.next(reader, id)) {
    id = field.id;
    if (id === 1 && field.type === 'string') message = fields.string(reader);
    else if (id === 2 && field.type === 'i32') type = fields.i32(reader);
    else throw malformed(`an exception with field ${id}`);
  }
  reader.end();
  return { tag: 'exception', type, message: printable(message) };
}

/** The bytes of one message, read from its start; reading beyond its end is an error. */
export class Reader {
  readonly #message: Buffer;
  #at = 0;

  constructor(message: Buffer) {
    this.#message = message;
  }

  byte(): number {
    return this.bytes(1)[0] as number;
  }

  i16(): number {
    return this.bytes(2).readUInt16BE(0);
  }

  i32(): number {
    return this.bytes(4).readInt32BE(0);
  }

  bytes(length: number): Buffer {
    const end = this.#at + length;
    if (length < 0 || end > this.#message.length) {
      throw malformed(`${length} bytes announced where ${this.#message.length - this.#at} are left`);
    }
    const bytes = this.#message.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  end(): void {
    const rest = this.#message.length - this.#at;
    if (rest > 0) throw malformed(`${rest} bytes after the message`);
  }
}

export function malformed(what: string): FlumeError {
  return new FlumeError('ERR_FLUME_PROTOCOL', `the agent's reply is not one of a Flume Thrift source: ${what}`);
}

/** @returns the text without control characters, shortened */
export function printable(text: string): string {
  const clean = text.replace(/\p{C}/gu, ' ');
  return clean.length > maxExceptionText ? `${clean.slice(0, maxExceptionText)}…` : clean;
}
