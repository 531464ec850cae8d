// The options of an EmbeddedAgent, documented, and what they are resolved to: checked once, frozen, every default filled in.

import * as v from 'valibot';
import type { Endpoint, EndpointOption, KerberosOptions, TlsOptions } from '../endpoint.ts';
import { maxPayloadBytes } from '../thrift/frame-limit.ts';
import type { ProtocolName } from '../thrift/protocol.ts';
import {
  type ChannelOptions,
  type Complete,
  channelSchema,
  completeChannel,
  type ResolvedChannel,
} from './channel-options.ts';
import type { DeadLetterOption } from './dead-letter-option.ts';
import { additionsTo, withoutAdditions } from './logger-additions.ts';
import { checkOptions, headers, integer, isPath, milliseconds, oneOf, trueOrFalse } from './option-check.ts';
import { endpoints, wireEntries } from './wire-options.ts';

/** Where the agents are and how events get there. All of it is plain data, but for a `deadLetter` function. */
export interface DeliveryOptions {
  /**
   * The agents, tried in this order: `'host:port'`, `'[::1]:4141'`, `{ host, port }`, or `{ path }` for a Unix domain
   * socket. One or an array.
   * @default '127.0.0.1:4141'
   */
  agents?: EndpointOption | readonly EndpointOption[] | undefined;
  /** The host of a single agent, instead of `agents`. @default '127.0.0.1' */
  host?: string | undefined;
  /** The port of a single agent. @default 4141 */
  port?: number | undefined;
  /** The Unix domain socket of a single agent, instead of `agents`. @default none */
  path?: string | undefined;
  /**
   * Thrift's protocol; the agent's source must have the same. `'json'` is for other Thrift servers: Flume's source does not
   * speak it. @default 'compact'
   */
  protocol?: ProtocolName | undefined;
  /** A frame around each message. false is for other Thrift servers: Flume's source is always framed. @default true */
  framed?: boolean | undefined;
  /**
   * TLS for every agent that has no setting of its own: `true`, or what to trust and to show. `false` says that plain TCP
   * is meant, also beyond this machine. @default undefined: plain TCP, with a warning beyond this machine
   */
  tls?: boolean | TlsOptions | undefined;
  /**
   * Kerberos (SASL GSSAPI), for an agent with `kerberos = true`, where an agent has no setting of its own: `true`, or who is who.
   * Needs the package `kerberos`. It encrypts nothing: set `tls` as well. @default none
   */
  kerberos?: boolean | KerberosOptions | undefined;
  /**
   * Which agent gets a batch, as Flume's sink processors: `'failover'` the first of the list that works, and back to it
   * when it answers again; `'load_balance'` all that work. @default 'failover'
   */
  processor?: 'failover' | 'load_balance' | undefined;
  /**
   * For load_balance: `'round_robin'` in turn, `'random'` by chance, among those with the fewest calls in flight. `'hash'`, for
   * failover too, is for many processes that have the same list: each has an order of its own, made of its host, its process
   * and the agents' names. With failover it uses the first in that order that works, with load_balance the first two.
   * @default 'round_robin'
   */
  selector?: 'round_robin' | 'random' | 'hash' | undefined;
  /** Milliseconds for a connection: name resolution, TCP, TLS and Kerberos together. @default 5000 */
  connectTimeoutMs?: number | undefined;
  /**
   * Milliseconds after which, at the latest, a connection takes no new batch and is replaced, its name resolved anew: each at
   * some time between half of it and all of it, so that those of many processes do not come together. 0: never. @default 0
   */
  connectionMaxAgeMs?: number | undefined;
  /**
   * Milliseconds for an answer, counted from when the call became the oldest on its connection. An agent whose channel is
   * full answers after its `keep-alive`, 3 s by default. @default 20000
   */
  requestTimeoutMs?: number | undefined;
  /**
   * Most events in a batch. Not given, a batch is due at 100, the default `transactionCapacity` of Flume's memory channel,
   * above which an agent refuses a batch; and batches grow up to 1,000 while more events wait and the agent accepts.
   * @default adaptive
   */
  batchSize?: number | undefined;
  /** Most bytes in a batch, unless one event alone is larger. @default 1048576 (1 MiB) */
  batchBytes?: number | undefined;
  /** Milliseconds that a batch may wait to become full. @default 1000 */
  lingerMs?: number | undefined;
  /** Batches in flight on a connection. After a fault, events keep their order only with 1. @default 4 */
  maxInFlight?: number | undefined;
  /** Most bytes of one event, encoded; above it `oversize` decides. @default 1048576 (1 MiB) */
  maxEventBytes?: number | undefined;
  /**
   * The fate of an event above `maxEventBytes`: `'truncate'` cuts its body, of a JSON object the longest texts,
   * so that it stays JSON, and sets the header `truncated` to the bytes that the body had; `'drop'` drops and counts it. @default 'truncate'
   */
  oversize?: 'truncate' | 'drop' | undefined;
  /** Where events wait. @default { type: 'memory' } */
  channel?: ChannelOptions | undefined;
  /** How a failed batch is tried again. @default { initialDelayMs: 250, maxDelayMs: 30000 }, for ever */
  retry?: RetryOptions | undefined;
  /** The longest that an agent which fails is left alone while there are others, in milliseconds. @default 30000 */
  maxPenaltyMs?: number | undefined;
  /**
   * Where events go that are given up (poison, retry.maxAttempts, retry.maxAgeMs, oversize 'drop'): the path of a file, to
   * which they are appended as TSimpleJSON lines, or in process a function. @default none
   */
  deadLetter?: DeadLetterOption | undefined;
  /** Milliseconds that `flush()` waits. @default 5000 */
  flushTimeoutMs?: number | undefined;
  /** Milliseconds that `close()`, or a process that ends, waits for what is queued. @default 5000 */
  closeTimeoutMs?: number | undefined;
  /**
   * Milliseconds that the end of a process by `process.exit()`, an exception or a rejection may be held, to deliver what
   * memory still has, from a worker thread. 0: not at all, what is queued then is lost. Only for a memory channel in the main
   * thread: files outlive the process. @default 2000
   */
  exitTimeoutMs?: number | undefined;
  /** Headers of every event, names and values in one line each; they win over all others. @default {} */
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * `'gzip'` compresses each body from 1 KiB to 4 MiB that becomes smaller so, and sets the header `content-encoding: gzip`;
   * `put()` takes some 15 µs longer for 2 KiB, 150 µs for 64 KiB. @default none
   */
  compress?: 'gzip' | undefined;
  /** Adds an `id` header to every event, a UUID that stays the same across retries. @default false */
  eventId?: boolean | undefined;
}

/** Exponential backoff with full jitter, and when to give up. */
export interface RetryOptions {
  /** Milliseconds that the first wait has at most. @default 250 */
  initialDelayMs?: number | undefined;
  /** Milliseconds that any wait has at most. @default 30000 */
  maxDelayMs?: number | undefined;
  /** How often a batch is tried before its events are dropped. 0: for ever. @default 0 */
  maxAttempts?: number | undefined;
  /** Milliseconds after which an event that waits is dropped. 0: never. @default 0 */
  maxAgeMs?: number | undefined;
}

/** `DeliveryOptions`, resolved. */
export interface ResolvedDelivery {
  readonly agents: readonly Endpoint[];
  readonly protocol: ProtocolName;
  readonly framed: boolean;
  readonly processor: 'failover' | 'load_balance';
  readonly selector: 'round_robin' | 'random' | 'hash';
  readonly connectTimeoutMs: number;
  readonly connectionMaxAgeMs: number;
  readonly requestTimeoutMs: number;
  readonly batchSize?: number | undefined;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly maxInFlight: number;
  readonly maxEventBytes: number;
  readonly oversize: 'truncate' | 'drop';
  readonly channel: ResolvedChannel;
  readonly retry: Complete<RetryOptions>;
  readonly maxPenaltyMs: number;
  readonly deadLetter?: DeadLetterOption | undefined;
  readonly flushTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly exitTimeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly compress?: 'gzip' | undefined;
  readonly eventId: boolean;
}

export const deliveryEntries = {
  agents: v.optional(v.unknown()),
  ...wireEntries,
  processor: v.optional(oneOf('failover', 'load_balance'), 'failover'),
  selector: v.optional(oneOf('round_robin', 'random', 'hash'), 'round_robin'),
  connectionMaxAgeMs: v.optional(milliseconds(0), 0),
  requestTimeoutMs: v.optional(milliseconds(1), 20_000),
  batchSize: v.optional(integer(1)),
  batchBytes: v.optional(integer(1, maxPayloadBytes), 1024 * 1024),
  lingerMs: v.optional(milliseconds(0), 1_000),
  maxInFlight: v.optional(integer(1), 4),
  maxEventBytes: v.optional(integer(64, maxPayloadBytes), 1024 * 1024),
  oversize: v.optional(oneOf('truncate', 'drop'), 'truncate'),
  channel: channelSchema,
  retry: v.optional(
    v.strictObject({
      initialDelayMs: v.optional(milliseconds(1), 250),
      maxDelayMs: v.optional(milliseconds(1), 30_000),
      maxAttempts: v.optional(integer(0), 0),
      maxAgeMs: v.optional(milliseconds(0), 0),
    }),
    {},
  ),
  maxPenaltyMs: v.optional(milliseconds(1), 30_000),
  deadLetter: v.optional(
    v.custom<DeadLetterOption>((value) => isPath(value) || typeof value === 'function', "a file's path or a function"),
  ),
  flushTimeoutMs: v.optional(milliseconds(0), 5_000),
  closeTimeoutMs: v.optional(milliseconds(0), 5_000),
  exitTimeoutMs: v.optional(milliseconds(0), 2_000),
  headers: v.optional(headers, {}),
  compress: v.optional(oneOf('gzip')),
  eventId: v.optional(trueOrFalse, false),
};

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function resolveDelivery(options?: DeliveryOptions): ResolvedDelivery {
  const own = withoutAdditions(options, additionsTo(options), deliveryEntries);
  return completeDelivery(checkOptions(v.strictObject(deliveryEntries), own));
}

/** Turns checked delivery options, alone or among others, into resolved ones. */
export function completeDelivery(
  checked: v.InferOutput<v.StrictObjectSchema<typeof deliveryEntries, undefined>>,
): ResolvedDelivery {
  const { agents, host, port, path, tls, kerberos, channel, ...rest } = checked;
  return Object.freeze({
    ...rest,
    agents: endpoints(agents, { host, port, path }, { tls, kerberos, framed: rest.framed }),
    channel: completeChannel(channel),
  });
}
