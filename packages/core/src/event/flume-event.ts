// The event, the unit that Flume carries: string headers, which route it, and a body of bytes.

import { isUint8Array } from 'node:util/types';

/** An event to send. */
export interface FlumeEvent {
  /** Names and values, both strings: as an object, or flat as Node's `rawHeaders` (`['name', 'value', …]`). Default: none. */
  readonly headers?: HeaderSource | undefined;
  /** A string travels as UTF-8, a lone surrogate in it as U+FFFD. */
  readonly body: string | Uint8Array;
  /** The event is below `warn`: the first to be refused with `whenFull: 'drop-low'`. Default: false. */
  readonly low?: boolean | undefined;
}

export type HeaderSource = Readonly<Record<string, string>> | readonly string[];

/** Names and values, one after the other: `['host', 'web-1', 'level', 'info']`. */
export type HeaderList = readonly string[];

/**
 * The headers as a flat list, of own keys only (so `__proto__` and `hasOwnProperty` are names like any other).
 *
 * @param list to write them into, over what it has. @default a new one
 * @throws TypeError naming the header whose name or value is no string.
 */
export function headerList(source: HeaderSource | undefined, list: string[] = []): HeaderList {
  if (source === undefined) return none;
  if (Array.isArray(source)) return checkedList(source as readonly unknown[], list);
  if (typeof source !== 'object' || source === null) {
    throw new TypeError(`headers: expected an object, got ${typeOf(source)}`);
  }
  let length = 0;
  const record = source as Readonly<Record<string, unknown>>;
  // A tenth of what Object.entries() costs, which would be a fifth of the way from put() to the socket.
  for (const name in record) {
    if (!hasOwn.call(record, name)) continue;
    const value = record[name];
    if (typeof value !== 'string') throw new TypeError(`headers.${name}: expected a string, got ${typeOf(value)}`);
    list[length++] = name;
    list[length++] = value;
  }
  if (list.length > length) list.length = length;
  return list;
}

/** @throws TypeError where the body is neither string nor bytes. */
export function checkBody(body: unknown): asserts body is string | Uint8Array {
  if (typeof body === 'string') return;
  // instanceof would take a proxy for bytes, and a subclass may claim another length than its bytes have.
  if (!isUint8Array(body) || body.length !== body.byteLength) {
    throw new TypeError(`body: expected a string or a Uint8Array, got ${typeOf(body)}`);
  }
}

const none: HeaderList = [];
const hasOwn = Object.prototype.hasOwnProperty;

function checkedList(source: readonly unknown[], list: string[]): HeaderList {
  const { length } = source;
  if (length % 2 !== 0) throw new TypeError('headers: expected names and values in turn, got an odd number');
  // Each element is read once: a getter or a proxy may change its mind.
  for (let index = 0; index < length; index++) {
    const text = source[index];
    if (typeof text !== 'string') throw new TypeError(`headers[${index}]: expected a string, got ${typeOf(text)}`);
    list[index] = text;
  }
  if (list.length > length) list.length = length;
  return list;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
