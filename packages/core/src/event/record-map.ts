// The user's function that makes an event of a record, called so that whatever it does is told apart from what it means.

import { headerText, wrongHeaderName } from './header-text.ts';

export interface MappedRecord {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
}

/**
 * Makes an event of a record: the headers are added to the others (and win over all but the static ones), the body replaces
 * the one that the option `body` gives. null: the record is not sent, and counted as filtered.
 */
// A record has the shape that its user knows.
// oxlint-disable-next-line typescript/no-explicit-any
export type RecordMap = (record: any) => MappedRecord | null;

/**
 * Calls a map.
 *
 * @throws what the map throws, or a TypeError saying what is wrong with its result
 */
export function mapRecord(map: RecordMap, record: unknown): MappedRecord | null {
  const mapped: unknown = map(record);
  if (mapped === null) return null;
  // The logger does not wait, so a promise is of no use.
  if (typeof mapped !== 'object' || isThenable(mapped)) throw unexpected('', '{ headers, body } or null', mapped);
  const { headers, body } = mapped as { headers?: unknown; body?: unknown };
  if (body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)) {
    throw unexpected('body: ', 'a string or a Uint8Array', body);
  }
  if (headers === undefined) return { body };
  if (typeof headers !== 'object' || headers === null) throw unexpected('headers: ', 'an object', headers);
  const safe: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const wrong = wrongHeaderName(name);
    if (wrong !== undefined) throw new TypeError(`headers: ${wrong}`);
    if (typeof value !== 'string') throw unexpected(`headers.${name}: `, 'a string', value);
    safe.push([name, headerText(value)]);
  }
  return { headers: Object.fromEntries(safe), body };
}

function unexpected(where: string, expected: string, value: unknown): TypeError {
  // Nobody awaits it, and its rejection would end the application.
  if (isThenable(value)) Promise.resolve(value).catch(() => {});
  const got = value === null ? 'null' : isThenable(value) ? 'a promise' : typeof value;
  return new TypeError(`${where}expected ${expected}, got ${got}`);
}

function isThenable(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value;
}
