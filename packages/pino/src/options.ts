// The options of the transport: the client's, those of records, and what pino's worker makes of them.

import { type DeliveryOptions, FlumeError } from 'flume-thrift-client';
import {
  type ContextOptions,
  type RecordMap,
  type RecordOptions,
  type ResolvedRecord,
  resolveLogger,
  type StoreContextOptions,
} from 'flume-thrift-client/loggers';

/** Options for `pino.transport()`: plain data, since they are cloned into the worker. */
export interface PinoFlumeOptions extends DeliveryOptions, RecordOptions {
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
export interface PinoFlumeInProcessOptions extends DeliveryOptions, RecordOptions {
  /** Makes an event of each record. null: the record is not sent, and counted as filtered. @default none */
  map?: RecordMap | undefined;
  /** Headers from an AsyncLocalStorage, `{ store, include: ['tenant'] }`, or from an object in each record. @default none */
  context?: ContextOptions | StoreContextOptions | undefined;
}

export interface ResolvedOptions {
  readonly delivery: DeliveryOptions;
  readonly record: ResolvedRecord;
}

// pino ends a worker 10 s after the application's end, whatever it is doing; one second is for what comes around the drain.
const workerCeilingMs = 9_000;

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function resolveOptions(options: unknown, where: 'worker' | 'in process' | 'command line'): ResolvedOptions {
  // A wrapper of the user's own may bring a function from within the worker.
  const maps = { worker: 'function or module', 'in process': 'function', 'command line': 'module' } as const;
  const resolved = resolveLogger(withoutPinoKeys(options), maps[where]);
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
  return resolved;
}

/** pino adds these two keys for itself. */
function withoutPinoKeys(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  const { $context: _context, pinoWillSendConfig: _config, ...own } = options as Record<string, unknown>;
  return own;
}
