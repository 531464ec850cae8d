// Escapes in the paths of sinks, as Flume's BucketPath expands them: %{header}, %Y and its kin, %[localhost].

import type { Headers } from './selector.ts';
import { instantOf, localFields, offsetMinutes } from './time-zone.ts';

export interface Rounding {
  readonly unit: 'second' | 'minute' | 'hour';
  readonly value: number;
}

export interface BucketTime {
  /** `hdfs.timeZone`; default: the zone of this machine. */
  readonly timeZone?: string | undefined;
  /** `hdfs.round` and its kin. */
  readonly rounding?: Rounding | undefined;
  /** `hdfs.useLocalTimeStamp`: this time, in milliseconds, in place of the header `timestamp`. */
  readonly nowMs?: number | undefined;
}

/**
 * Expands a path for an event; throws where Flume's sink would, and would then try the same event for ever.
 *
 * Missing headers and unknown letters are nothing. What only the agent knows, `%[localhost]`, `%[ip]` and `%[fqdn]`, stays.
 *
 * @example
 * expandPath('/logs/%{app}/%Y-%m-%d', { app: 'shop', timestamp: '1763815325123' }, { timeZone: 'UTC' });
 * // '/logs/shop/2025-11-22'
 */
export function expandPath(path: string, headers: Headers, time: BucketTime = {}): string {
  return path.replace(
    /%(\w|%)|%\{([\w.-]+)\}|%\[(\w+)\]/g,
    (escape: string, letter?: string, name?: string, ours?: string) => {
      if (name !== undefined) return Object.hasOwn(headers, name) ? (headers[name] ?? '') : '';
      if (ours === undefined) return expandTime(letter ?? '', headers, time);
      if (['localhost', 'ip', 'fqdn'].includes(ours.toLowerCase())) return escape;
      throw new Error(`%[${ours}] is none of %[localhost], %[ip] and %[fqdn]`);
    },
  );
}

/** Far beyond what a date can be, in Java as in JavaScript; what stands there then is not worth telling. */
export const latestMs = 8.64e15;

/** Whether a path needs the header `timestamp`. Even %% does. */
export const needsTime = (path: string): boolean => /%(?:\w|%)/.test(path);

function expandTime(letter: string, headers: Headers, { timeZone, rounding, nowMs }: BucketTime): string {
  const written = nowMs === undefined ? timestampOf(headers) : String(nowMs);
  const given = Number(written);
  const milliseconds = rounding === undefined ? given : roundedDown(given, rounding, timeZone);
  if (letter === '%') return '%';
  // The header as it is, and not rounded.
  if (letter === 't') return written;
  if (letter === 's') return String(Math.trunc(milliseconds / 1000));
  const format = formats[letter];
  if (format === undefined) return '';
  const offset = offsetMinutes(milliseconds, timeZone);
  return format(localFields(milliseconds, offset), offset);
}

function timestampOf(headers: Headers): string {
  const timestamp = Object.hasOwn(headers, 'timestamp') ? headers.timestamp : undefined;
  if (timestamp === undefined) throw new Error('it needs a header timestamp, and there is none');
  // Java's Long.valueOf().
  const isLong = /^[+-]?\d+$/.test(timestamp) && BigInt.asIntN(64, BigInt(timestamp)) === BigInt(timestamp);
  if (!isLong) throw new Error(`its header timestamp is no number of milliseconds: '${timestamp.slice(0, 40)}'`);
  return timestamp;
}

function roundedDown(milliseconds: number, { unit, value }: Rounding, timeZone: string | undefined): number {
  if (milliseconds <= 0) throw new Error('a timestamp that is rounded must be above 0');
  const offset = offsetMinutes(milliseconds, timeZone);
  const local = localFields(milliseconds, offset);
  const multiple = (field: number): number => field - (field % value);
  if (unit === 'second') local.setUTCSeconds(multiple(local.getUTCSeconds()), 0);
  else if (unit === 'minute') local.setUTCMinutes(multiple(local.getUTCMinutes()), 0, 0);
  else local.setUTCHours(multiple(local.getUTCHours()), 0, 0, 0);
  return instantOf(local, timeZone);
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
// biome-ignore format: a quarter a line would be no better
const months = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December',
];

const two = (value: number): string => String(value).padStart(2, '0');
const hour12 = (at: Date): number => at.getUTCHours() % 12 || 12;
const year = (at: Date): string => String(at.getUTCFullYear()).padStart(4, '0');
const day = (at: Date): string => days[at.getUTCDay()] ?? '';
const month = (at: Date): string => months[at.getUTCMonth()] ?? '';
const clock = (at: Date): string => [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':');

/** By the letter; the date's UTC fields are those of the agent's zone. */
const formats: Readonly<Record<string, (at: Date, offset: number) => string>> = {
  a: (at) => day(at).slice(0, 3),
  A: day,
  b: (at) => month(at).slice(0, 3),
  B: month,
  c: (at) => `${day(at).slice(0, 3)} ${month(at).slice(0, 3)} ${at.getUTCDate()} ${clock(at)} ${year(at)}`,
  d: (at) => two(at.getUTCDate()),
  e: (at) => String(at.getUTCDate()),
  D: (at) => `${two(at.getUTCMonth() + 1)}/${two(at.getUTCDate())}/${year(at).slice(-2)}`,
  H: (at) => two(at.getUTCHours()),
  I: (at) => two(hour12(at)),
  j: (at) => String(1 + Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0)) / 86_400_000)).padStart(3, '0'),
  k: (at) => String(at.getUTCHours()),
  l: (at) => String(hour12(at)),
  m: (at) => two(at.getUTCMonth() + 1),
  M: (at) => two(at.getUTCMinutes()),
  n: (at) => String(at.getUTCMonth() + 1),
  p: (at) => (at.getUTCHours() < 12 ? 'AM' : 'PM'),
  S: (at) => two(at.getUTCSeconds()),
  y: (at) => year(at).slice(-2),
  Y: year,
  z: (_at, offset) => {
    const minutes = Math.abs(offset);
    return `${offset < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${two(minutes % 60)}`;
  },
};
