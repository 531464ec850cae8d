// The reply to a call, read strictly: every length is held against the bytes that are there, and anything that a Flume
// Thrift source does not send is an error, since an answer must never be guessed.

import thrift from 'thrift/lib/nodejs/lib/thrift/thrift.js';
import { FlumeError } from '../errors.ts';
import { shownText } from '../shown-value.ts';

export interface Reply {
  /** The method as the peer wrote it. */
  readonly method: string;
  readonly sequenceId: number;
  readonly result:
    | { readonly tag: 'status'; readonly status: Status }
    | { readonly tag: 'exception'; readonly type: number; readonly message: string };
}

type Status = 'OK' | 'FAILED' | 'ERROR' | 'UNKNOWN';

/** The enum of idl/flume.thrift, in the order of its numbers. */
const statuses: readonly Status[] = ['OK', 'FAILED', 'ERROR', 'UNKNOWN'];

// Text of a stranger ends up in logs: bounded, and without control characters.

/** A field of the flat struct that a reply is, an i32 or a string; undefined where it is neither. */
export interface Field {
  readonly id: number;
  readonly value: number | string | undefined;
}

/** Makes a reply of what a protocol has read. */
export function replyOf(method: string, messageType: number, sequenceId: number, fields: readonly Field[]): Reply {
  switch (messageType) {
    case thrift.MessageType.REPLY:
      return { method, sequenceId, result: { tag: 'status', status: statusOf(fields) } };
    case thrift.MessageType.EXCEPTION:
      return { method, sequenceId, result: exceptionOf(fields) };
    default:
      throw malformed(`message type ${messageType}`);
  }
}

function statusOf(fields: readonly Field[]): Status {
  const [field] = fields;
  if (field === undefined) throw malformed('a reply without a status');
  if (field.id !== 0 || typeof field.value !== 'number') throw malformed('a reply whose first field is no status');
  const status = statuses[field.value];
  if (status === undefined) throw malformed(`status ${field.value}`);
  if (fields.length > 1) throw malformed('a reply with more than a status');
  return status;
}

function exceptionOf(fields: readonly Field[]): Reply['result'] {
  let message = '';
  let type = 0;
  for (const { id, value } of fields) {
    if (id === 1 && typeof value === 'string') message = value;
    else if (id === 2 && typeof value === 'number') type = value;
    else throw malformed(`an exception with field ${id}`);
  }
  return { tag: 'exception', type, message: shownText(message) };
}

/** The end of the bytes was reached before the end of the message. */
export class Underrun extends Error {}

/** The bytes of a message, read from their start. */
export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** How many bytes were read. */
  get position(): number {
    return this.#at;
  }

  /** @throws Underrun */
  byte(): number {
    return this.#bytes[this.#skip(1)] as number;
  }

  /** @throws Underrun */
  i16(): number {
    return this.#bytes.readUInt16BE(this.#skip(2));
  }

  /** @throws Underrun */
  i32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  /** @throws Underrun */
  bytes(length: number): Buffer {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** The byte that many bytes ahead. @throws Underrun */
  peek(ahead: number): number {
    const byte = this.#bytes[this.#at + ahead];
    if (byte === undefined) throw new Underrun('no more bytes');
    return byte;
  }

  /** @returns where the bytes passed over begin */
  #skip(length: number): number {
    if (length < 0) throw malformed(`a length of ${length} bytes`);
    const from = this.#at;
    const left = this.#bytes.length - from;
    if (length > left) throw new Underrun(`${length} bytes where ${left} are left`);
    this.#at = from + length;
    return from;
  }
}

export function malformed(what: string): FlumeError {
  return new FlumeError('ERR_FLUME_PROTOCOL', `the agent's reply is not one of a Flume Thrift source: ${what}`);
}
