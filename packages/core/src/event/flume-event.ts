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
 * @throws TypeError naming the header whose name or value is no string.
 */
export function headerList(source: HeaderSource | undefined): HeaderList {
  if (source === undefined) return none;
  if (Array.isArray(source)) return checkedList(source as readonly unknown[]);
  if (typeof source !== 'object' || source === null) {
    throw new TypeError(`headers: expected an object, got ${typeOf(source)}`);
  }
  const list: string[] = [];
  for (const [name, value] of Object.entries(source)) {
    if (typeof value !== 'string') throw new TypeError(`headers.${name}: expected a string, got ${typeOf(value)}`);
    list.push(name, value);
  }
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

function checkedList(source: readonly unknown[]): HeaderList {
  // A copy is read more than once below, and a getter or a proxy may change its mind.
  const list = [...source];
  if (list.length % 2 !== 0) throw new TypeError('headers: expected names and values in turn, got an odd number');
  for (let index = 0; index < list.length; index++) {
    if (typeof list[index] === 'string') continue;
    throw new TypeError(`headers[${index}]: expected a string, got ${typeOf(list[index])}`);
  }
  return list as HeaderList;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
