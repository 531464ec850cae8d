// The transport as users see it. An interface, since a class with private fields is another type in each copy of a package:
// where two versions meet in one program, they have to agree.

import type { FlumeError, Report, WaitOptions } from 'flume-thrift-client';
import { FlumeTransport as Transport } from './flume-transport.ts';
import type { FlumeTransportOptions, WinstonRecord } from './options.ts';
import type { Parent } from './parents.ts';
import type { TransportStats } from './total-stats.ts';

// Without an import, so that the declarations are right for consumers with and without esModuleInterop.
// oxlint-disable-next-line typescript/consistent-type-imports
type TransportStream = import('winston-transport');

/**
 * A winston transport that delivers to the Thrift source of a Flume agent: at once into a bounded channel, from there in
 * batches, with retry and failover. Trouble is a `'warn'` event, here and on the logger, or without a listener a process
 * warning; never an `'error'`.
 */
export interface FlumeTransport extends TransportStream {
  readonly name: string;
  /** The logger that levels are taken from: the first of those that pipe here. winston's name for it. */
  parent: Parent | null | undefined;
  /** Its levels. winston's name for them. */
  levels: Readonly<Record<string, number>> | undefined;
  /** winston's way in. The callback is called before the return, whatever becomes of the record. */
  log(info: unknown, callback?: () => void): true;
  /**
   * Sends what is queued without waiting for full batches. Never rejects, but for a wrong timeoutMs.
   *
   * @param options timeoutMs: by default the option flushTimeoutMs
   * @returns when everything that winston handed over before the call is acknowledged or dropped, or the time is over:
   * see `queued`. After the end: what the end left.
   */
  flush(options?: WaitOptions): Promise<Report>;
  /**
   * Sends what is queued, closeTimeoutMs at most, then closes the connections, unless there are new records meanwhile.
   * winston calls this when it takes the transport from a logger; the next record opens it again. Never rejects.
   */
  // oxlint-disable-next-line typescript/no-misused-promises -- winston ignores it, others may wait for it
  close(): Promise<void>;
  /** As `end()`, and waits until all is delivered, dropped, or closeTimeoutMs over: `await using transport = …`. */
  [Symbol.asyncDispose](): Promise<void>;
  /** Counters, what is queued, and how the agents are. */
  stats(): TransportStats;
  on: TransportEvents<this>;
  once: TransportEvents<this>;
  off: TransportEvents<this>;
  addListener: TransportEvents<this>;
  prependListener: TransportEvents<this>;
  prependOnceListener: TransportEvents<this>;
  removeListener: TransportEvents<this>;
}

/** A stream's events, and two of our own. */
interface TransportEvents<Transport> {
  /** Trouble, once per outage; recovery; events that are lost; what the user should know once. The logger passes it on. */
  (event: 'warn', listener: (error: FlumeError) => void): Transport;
  /** A record has been taken: winston's info object, as the logger gave it. */
  (event: 'logged', listener: (info: WinstonRecord) => void): Transport;
  // As in the declarations of streams.
  // oxlint-disable-next-line typescript/no-explicit-any
  (event: string | symbol, listener: (...args: any[]) => void): Transport;
}

export interface FlumeTransportClass {
  /** @throws FlumeError `ERR_FLUME_OPTION` naming the option that is wrong; nothing else here ever throws */
  new (options?: FlumeTransportOptions): FlumeTransport;
  readonly prototype: FlumeTransport;
}

/**
 * A winston transport that delivers to the Thrift source of a Flume agent.
 *
 * @example
 * const logger = winston.createLogger({
 *   transports: [new FlumeTransport({ agents: ['flume-1:4141', 'flume-2:4141'], headers: { app: 'checkout' } })],
 * });
 */
export const FlumeTransport: FlumeTransportClass = Transport;
