// Which headers every record gets by itself, named as the users of such events expect them.

import { randomUUID } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import { headerText } from './header-text.ts';
import { timestampText } from './timestamp.ts';

export type PresetName = 'flume' | 'hdfs' | 'kafka' | 'log4j' | 'log4j2' | 'none';

/** The facts that a preset's headers are made of. */
export interface RecordFacts {
  /** The time that the record has, as it stands there; what is none becomes the time of arrival, see `timestampText()`. */
  readonly time: unknown;
  /** The level's name, as the logger has it; a line that is no record has none. */
  readonly level: string | undefined;
  /** The logger's name, where it has one. */
  readonly loggerName: string | undefined;
}

export interface Preset {
  /** The same for every record of this process. */
  readonly fixed: () => Readonly<Record<string, string>>;
  /** The others, each with its value for a record, or undefined where that record has none. */
  readonly perRecord: readonly (readonly [name: string, value: (facts: RecordFacts) => string | undefined])[];
}

const levelText = remembered();
const loggerText = remembered();

const perRecord: Preset['perRecord'] = [
  ['timestamp', timestamp],
  ['level', ({ level }) => levelText(level)],
  ['logger', ({ loggerName }) => loggerText(loggerName)],
];

export const presets: Readonly<Record<PresetName, Preset>> = {
  // As Flume's own interceptors call them: HDFS paths need `timestamp`, and `host` is the host interceptor's.
  flume: {
    fixed: () => ({ host: hostname() }),
    perRecord,
  },
  // The headers of paths such as /logs/%{host}/%Y-%m-%d, and no more.
  hdfs: { fixed: () => ({ host: hostname() }), perRecord: [['timestamp', timestamp]] },
  // The Kafka sink's `key` chooses the partition: what a host logs keeps its order.
  kafka: { fixed: () => ({ host: hostname(), key: hostname() }), perRecord },
  // As Flume's appender for log4j 1 writes them; the level is log4j's number.
  log4j: {
    fixed: () => ({ 'flume.client.log4j.message.encoding': 'UTF8', 'flume.client.log4j.address': localAddress() }),
    perRecord: [
      ['flume.client.log4j.timestamp', timestamp],
      ['flume.client.log4j.log.level', ({ level }) => String(log4jLevel(level ?? ''))],
      ['flume.client.log4j.logger.name', ({ loggerName }) => loggerText(loggerName)],
    ],
  },
  // As log4j 2's Flume appender writes them, capital S included.
  log4j2: {
    fixed: () => ({}),
    perRecord: [
      ['timeStamp', timestamp],
      ['guId', () => randomUUID()],
    ],
  },
  none: { fixed: () => ({}), perRecord: [] },
};

const log4jLevels: readonly (readonly [number, ...string[]])[] = [
  [50_000, 'fatal', 'emerg', 'alert', 'crit', 'critical'],
  [40_000, 'error', 'err'],
  [30_000, 'warn', 'warning'],
  [20_000, 'info', 'notice', 'http', 'log'],
  [10_000, 'debug', 'verbose'],
  [5_000, 'trace', 'silly'],
];

/** log4j's number for a level's name; INFO's for a name that it does not know. */
function log4jLevel(level: string): number {
  const name = level.toLowerCase();
  return log4jLevels.find(([, ...names]) => names.includes(name))?.[0] ?? 20_000;
}

function timestamp({ time }: RecordFacts): string {
  return timestampText(time);
}

/** Levels and loggers are few, and one often follows itself. */
function remembered(): (text: string | undefined) => string | undefined {
  let last: string | undefined;
  let safe: string | undefined;
  return (text) => {
    if (text === undefined) return undefined;
    if (text !== last) {
      last = text;
      safe = headerText(text);
    }
    return safe;
  };
}

function localAddress(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return (
    addresses.find((address) => address !== undefined && !address.internal && address.family === 'IPv4')?.address ??
    '127.0.0.1'
  );
}
