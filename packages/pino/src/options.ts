// The options of the transport: the client's, those of records, and what pino's worker makes of them.

import { type DeliveryOptions, FlumeError } from 'flume-thrift-client';
import {
  type ContextOptions,
  type LoggerOption,
  loggerAdditions,
  type RecordMap,
  type RecordOptions,
  type ResolvedRecord,
  resolveLogger,
  type StoreContextOptions,
} from 'flume-thrift-client/loggers';

/** Options that pino-flume has beside those that it shares with winston-flume. */
export interface PinoTransportOptions {
  /**
   * Levels of your own, name → number, as pino's `customLevels`: `{ notice: 35 }`. pino tells its own by itself, but for the
   * command line. @default those of pino
   */
  levels?: Readonly<Record<string, number>> | undefined;
  /**
   * The key of a line's level, a number or a name; `'severity'` in Google Cloud's layout, `'log.level'` in that of
   * Elasticsearch. Of equal keys in a line the first counts. @default 'level'
   */
  levelKey?: string | undefined;
  /**
   * The key of a line's time, `'@timestamp'` in Elasticsearch's layout: seconds, milli-, micro- or nanoseconds as a number or
   * text, an ISO date and time, or Google Cloud's `{ seconds, nanos }`. Of equal keys in a line the first counts.
   * @default 'time'
   */
  timeKey?: string | undefined;
  /** The key of a line's message, for `body: 'message'`. pino tells its own by itself, but for the command line. @default 'msg' */
  messageKey?: string | undefined;
  /**
   * Milliseconds between two events `'flume:stats'` on the transport, with what `stats()` returns; one more comes at the end.
   * 0: none. @default 0
   */
  statsIntervalMs?: number | undefined;
}

/** Options for `pino.transport()`: plain data, since they are cloned into the worker. */
export interface PinoFlumeOptions extends DeliveryOptions, RecordOptions, PinoTransportOptions {
  /**
   * A module whose default export makes an event of each record, see `RecordMap`: its absolute path, its file URL, or a
   * package. ESM or CommonJS; it is loaded in the worker. @default none
   */
  map?: string | undefined;
  /**
   * Headers from an object in each record, which pino's `mixin` puts there: `{ path: 'ctx', include: ['tenant'] }`. In a
   * worker there is no AsyncLocalStorage of the application's. @default none
   */
  context?: ContextOptions | undefined;
  /**
   * The file to which events that are given up (poison, retry.maxAttempts, retry.maxAgeMs, oversize 'drop') are appended as
   * TSimpleJSON lines. @default none
   */
  deadLetter?: string | undefined;
}

/** Options for a stream in the application's own thread, where `map` may be a function. */
export interface PinoFlumeInProcessOptions extends DeliveryOptions, RecordOptions, PinoTransportOptions {
  /** Makes an event of each record. null: the record is not sent, and counted as filtered. @default none */
  map?: RecordMap | undefined;
  /** Headers from an AsyncLocalStorage, `{ store, include: ['tenant'] }`, or from an object in each record. @default none */
  context?: ContextOptions | StoreContextOptions | undefined;
}

export interface ResolvedOptions {
  readonly delivery: DeliveryOptions;
  readonly record: ResolvedRecord;
  readonly own: PinoTransportOptions;
}

// pino ends a worker 10 s after the application's end, whatever it is doing; one second is for what comes around the drain.
const workerCeilingMs = 9_000;

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function resolveOptions(options: unknown, where: 'worker' | 'in process' | 'command line'): ResolvedOptions {
  // A wrapper of the user's own may bring a function from within the worker.
  const maps = { worker: 'function or module', 'in process': 'function', 'command line': 'module' } as const;
  // The command has nobody to tell counts to.
  const own = where === 'command line' ? lineOptions : { ...lineOptions, statsIntervalMs: interval };
  const { logger, ...resolved } = resolveLogger(options, maps[where], own, loggerAdditions.pino);
  if (where === 'worker') {
    for (const name of ['flushTimeoutMs', 'closeTimeoutMs'] as const) {
      const value = resolved.delivery[name];
      if (value !== undefined && value > workerCeilingMs) {
        throw new FlumeError(
          'ERR_FLUME_OPTION',
          `${name}: expected at most ${workerCeilingMs} in a worker, which pino ends after 10 s, got ${value}`,
        );
      }
    }
  }
  return { ...resolved, own: logger };
}

const key: LoggerOption = {
  isRight: (value) => typeof value === 'string' && value !== '',
  expected: "a key's name",
};

const lineOptions: Readonly<Record<Exclude<keyof PinoTransportOptions, 'statsIntervalMs'>, LoggerOption>> = {
  levels: {
    isRight: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      // pino has no objection to a text either, and what it takes ends no application here.
      Object.values(value).every((level) => typeof level === 'number' || /^-?\d+$/.test(String(level))),
    expected: 'an object of numbers, as { notice: 35 }',
  },
  levelKey: key,
  timeKey: key,
  messageKey: key,
};

const interval: LoggerOption = {
  isRight: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0x7fff_ffff,
  expected: 'an integer from 0 to 2147483647',
};
