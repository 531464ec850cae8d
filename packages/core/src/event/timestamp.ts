// The time that a header says: epoch milliseconds in digits, whatever a record has there. A Flume sink that makes paths or
// keys of the time stops for all events where one has something else.

import { isDate } from 'node:util/types';

/** The headers by which Flume's sinks and appenders know a time. */
const timeHeaders: ReadonlySet<string> = new Set(['timestamp', 'timeStamp', 'flume.client.log4j.timestamp']);

export const isTimeHeader = (name: string): boolean => timeHeaders.has(name);

// From 1990, and no later than a day from now: there seconds, milli-, micro- and nanoseconds cannot be taken for each other.
const earliestMs = Date.UTC(1990, 0, 1);
const dayMs = 86_400_000;

/** The divisor that makes milliseconds of a time's unit. */
const units = [1, 1_000, 1_000_000];

const number = /^\d{1,20}(?:\.\d{0,20})?(?:[eE]\+?\d{1,2})?$/;
// A date first, and its year first: anything else would be guessed.
const date = /^\d{4}-\d\d-\d\d(?!\d)/;
const longestText = 64;

// Many records share a millisecond. A date takes long to read, and a number of 13 digits to write.
let lastValue: unknown;
let lastMs: number | undefined;
let lastText = '';
let lastTextMs = Number.NaN;

/** A record's time as a header's value; where it has none (`epochMs()`), the time of arrival. Never throws. */
export function timestampText(value: unknown): string {
  const ms = epochMs(value) ?? Date.now();
  if (ms !== lastTextMs) {
    lastTextMs = ms;
    lastText = String(ms);
  }
  return lastText;
}

/**
 * A time in whole milliseconds since the epoch.
 *
 * @param value a number, bigint or text of seconds (also with a fraction), milli-, micro- or nanoseconds, an ISO date and
 * time, a Date, or what has such a `toJSON()`
 * @returns undefined where it is none, or not from 1990 up to a day from now. Never throws
 */
export function epochMs(value: unknown): number | undefined {
  if (value === lastValue) return lastMs;
  const ms = read(value);
  // An object may have another time later.
  if (ms !== undefined && typeof value !== 'object') {
    lastValue = value;
    lastMs = ms;
  }
  return ms;
}

/** The fault of a header's value that somebody wrote, or undefined. */
export function wrongTimestamp(name: string, value: string): string | undefined {
  if (!isTimeHeader(name)) return undefined;
  const isRight = /^\d{12,13}$/.test(value) && isInRange(Number(value));
  return isRight
    ? undefined
    : `'${name}' that is no time in milliseconds since the epoch, from 1990 up to a day from now`;
}

function read(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return ofNumber(value);
    case 'bigint':
      return ofNumber(Number(value));
    case 'string':
      return ofText(value);
    case 'object':
      return value === null ? undefined : ofObject(value);
    default:
      return undefined;
  }
}

function ofNumber(value: number): number | undefined {
  for (const unit of units) {
    const ms = Math.trunc(value / unit);
    if (isInRange(ms)) return ms;
  }
  // A fraction of a second is no whole number of milliseconds as a double.
  const ms = Math.trunc(Math.round(value * 1e6) / 1e3);
  return isInRange(ms) ? ms : undefined;
}

function ofText(value: string): number | undefined {
  if (value.length > longestText) return undefined;
  const text = value.trim();
  if (number.test(text)) return ofNumber(Number(text));
  if (!date.test(text)) return undefined;
  // log4j and Python have a comma before the fraction.
  const ms = Date.parse(text.replace(',', '.'));
  return isInRange(ms) ? ms : undefined;
}

function ofObject(value: object): number | undefined {
  try {
    if (isDate(value)) return ofNumber(Date.prototype.getTime.call(value));
    const { toJSON } = value as { toJSON?: unknown };
    const text: unknown = typeof toJSON === 'function' ? toJSON.call(value) : undefined;
    return typeof text === 'string' ? ofText(text) : undefined;
  } catch {
    return undefined;
  }
}

function isInRange(ms: number): boolean {
  return ms >= earliestMs && ms <= Date.now() + dayMs;
}
