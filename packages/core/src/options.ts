// The options that users write, documented, and what they are resolved to: checked once, frozen, every default filled in.

import { isIP } from 'node:net';
import * as v from 'valibot';
import type { DeadLetterOption } from './dead-letter.ts';
import { type Endpoint, type EndpointOption, parseEndpoint, type TlsOptions } from './endpoint.ts';
import type { PresetName } from './event/preset.ts';
import type { RecordMap } from './event/record-map.ts';
import { maxPayloadBytes } from './frame-limit.ts';
import { checkOptions, integer, oneOf, strings, trueOrFalse, wrongOption } from './option-check.ts';

export type ProtocolName = 'compact' | 'binary' | 'json';

/** Where the agents are and how events get there. All of it is plain data, but for a `deadLetter` function. */
export interface DeliveryOptions {
  /**
   * The agents, tried in this order: `'host:port'`, `'[::1]:4141'`, `{ host, port }`, or `{ path }` for a Unix domain
   * socket. One or an array.
   * @default '127.0.0.1:4141'
   */
  agents?: EndpointOption | readonly EndpointOption[] | undefined;
  /** The host of a single agent, instead of `agents`. */
  host?: string | undefined;
  /** The port of a single agent. @default 4141 */
  port?: number | undefined;
  /** The Unix domain socket of a single agent, instead of `agents`. */
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
   * Which agent gets a batch, as Flume's sink processors: `'failover'` the first of the list that works, and back to it
   * when it answers again; `'load_balance'` all that work. @default 'failover'
   */
  processor?: 'failover' | 'load_balance' | undefined;
  /** For load_balance: in turn, or by chance. @default 'round_robin' */
  selector?: 'round_robin' | 'random' | undefined;
  /** Milliseconds for a connection: name resolution, TCP and TLS together. @default 5000 */
  connectTimeoutMs?: number | undefined;
  /**
   * Milliseconds after which a connection takes no new batch and is replaced, its name resolved anew. 0: never.
   * @default 0
   */
  connectionMaxAgeMs?: number | undefined;
  /**
   * Milliseconds for an answer, counted from when the call became the oldest on its connection. An agent whose channel is
   * full answers after its `keep-alive`, 3 s by default. @default 20000
   */
  requestTimeoutMs?: number | undefined;
  /**
   * Most events in a batch. 100 is the default `transactionCapacity` of Flume's memory channel, above which an agent
   * refuses a batch. @default 100
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
   * What becomes of an event above `maxEventBytes`: `'truncate'` cuts its body and sets the header `truncated` to the
   * bytes that the body had; `'drop'` drops and counts it. @default 'truncate'
   */
  oversize?: 'truncate' | 'drop' | undefined;
  /** Where events wait. @default { type: 'memory' } */
  channel?: ChannelOptions | undefined;
  /** How a failed batch is tried again. */
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
  /** Headers of every event; they win over all others. @default {} */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Adds an `id` header to every event, a UUID that stays the same across retries. @default false */
  eventId?: boolean | undefined;
}

/** Where events wait: in memory, or in files. */
export type ChannelOptions = MemoryChannelOptions | FileChannelOptions;

/** The memory channel: lost with the process, bounded by events and by bytes. */
export interface MemoryChannelOptions {
  type?: 'memory' | undefined;
  /** Most events, those in flight included. @default 100000 */
  capacity?: number | undefined;
  /** Most encoded bytes, those in flight included. @default 67108864 (64 MiB) */
  byteCapacity?: number | undefined;
  whenFull?: WhenFull | undefined;
}

/** The file channel: an event is in a file before `put()` returns true, and outlives the process. */
export interface FileChannelOptions {
  type: 'file';
  /**
   * The folder of the spool. Any number of agents and processes may share it: each writes in a folder of its own there, and
   * what a dead one left is adopted by a living one.
   */
  dir: string;
  /** Most bytes on disk, for each agent. @default 1073741824 (1 GiB) */
  maxBytes?: number | undefined;
  /** Bytes that the file system keeps for others: with less, the channel is full. @default 67108864 (64 MiB) */
  minFreeBytes?: number | undefined;
  /**
   * When the disk is told to keep what was written, which matters when the machine stops and not when the process does:
   * `'always'` at the end of each turn of the event loop that put events, `'interval'` within 500 ms, `'never'` as the
   * operating system likes. @default 'interval'
   */
  fsync?: 'always' | 'interval' | 'never' | undefined;
  whenFull?: WhenFull | undefined;
}

/**
 * What gives way when the channel is full: `'drop-newest'` refuses the new event, `'drop-oldest'` gives up the oldest
 * that are not in flight, `'drop-low'` refuses events below `warn` from 80 % on. @default 'drop-newest'
 */
export type WhenFull = 'drop-newest' | 'drop-oldest' | 'drop-low';

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

/** What `DeliveryOptions` are resolved to. */
export interface ResolvedDelivery {
  readonly agents: readonly Endpoint[];
  readonly protocol: ProtocolName;
  readonly framed: boolean;
  readonly processor: 'failover' | 'load_balance';
  readonly selector: 'round_robin' | 'random';
  readonly connectTimeoutMs: number;
  readonly connectionMaxAgeMs: number;
  readonly requestTimeoutMs: number;
  readonly batchSize: number;
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
  readonly headers: Readonly<Record<string, string>>;
  readonly eventId: boolean;
}

export type ResolvedChannel = Complete<MemoryChannelOptions> | Complete<FileChannelOptions>;

type Complete<Options> = Readonly<Required<{ [Key in keyof Options]: NonNullable<Options[Key]> }>>;

/** How a logger's records become events. */
export interface RecordOptions {
  /**
   * Headers taken from each record: header name → path, as `{ requestId: 'req.id' }`. A record without it gets no such
   * header. @default {}
   */
  headerFields?: Readonly<Record<string, string>> | undefined;
  /**
   * Headers that every record gets. `'flume'`: `timestamp` (ms since the epoch), `host`, `level`, and `logger` where it has
   * a name; `'log4j'`: `flume.client.log4j.*` as Flume's log4j appender; `'log4j2'`: `timeStamp` and `guId`. @default 'flume'
   */
  preset?: PresetName | undefined;
  /**
   * The event's body: `'line'` what the logger formatted, `'message'` its message alone, or a path in the record. A record
   * that has no such thing is sent as its line. @default 'line'
   */
  body?: string | undefined;
}

/** What `RecordOptions` are resolved to. */
export interface ResolvedRecord {
  readonly headerFields: Readonly<Record<string, string>>;
  readonly preset: PresetName;
  readonly body: { readonly tag: 'line' | 'message' } | { readonly tag: 'path'; readonly path: readonly string[] };
  /** A function, or the path of a module that exports one. */
  readonly map: RecordMap | string | undefined;
}

/** How one client reaches one agent. */
export interface FlumeClientOptions {
  /** The agent's host. @default '127.0.0.1' */
  host?: string | undefined;
  /** The agent's port. @default 4141 */
  port?: number | undefined;
  /** The path of a Unix domain socket, instead of host and port. */
  path?: string | undefined;
  /** Milliseconds for an answer, counted from when the call became the oldest on its connection. @default 20000 */
  timeoutMs?: number | undefined;
  /** Milliseconds for a connection: name resolution and TCP together. @default 5000 */
  connectTimeoutMs?: number | undefined;
  /**
   * Thrift's protocol; the agent's source must have the same. `'json'` is for other Thrift servers: Flume's source does not
   * speak it. @default 'compact'
   */
  protocol?: ProtocolName | undefined;
  /** A frame around each message. false is for other Thrift servers: Flume's source is always framed. @default true */
  framed?: boolean | undefined;
  /** TLS: `true`, or whom to trust and what to show; `false`: plain TCP is meant. @default undefined: plain TCP */
  tls?: boolean | TlsOptions | undefined;
}

export interface ResolvedClient {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly protocol: ProtocolName;
  readonly framed: boolean;
}

// A timer of more than 2^31-1 ms fires at once.
const milliseconds = (min: number) => integer(min, 0x7fff_ffff);

const singleAgent = {
  host: v.optional(v.string('a host name')),
  port: v.optional(integer(1, 65_535)),
  path: v.optional(v.string("a socket's path")),
};

const protocol = v.optional(oneOf('compact', 'binary', 'json'), 'compact');
const framed = v.optional(trueOrFalse, true);
const tls = v.optional(v.unknown());
const connectTimeoutMs = v.optional(milliseconds(1), 5_000);

const deliveryEntries = {
  agents: v.optional(v.unknown()),
  ...singleAgent,
  protocol,
  framed,
  tls,
  processor: v.optional(oneOf('failover', 'load_balance'), 'failover'),
  selector: v.optional(oneOf('round_robin', 'random'), 'round_robin'),
  connectTimeoutMs,
  connectionMaxAgeMs: v.optional(milliseconds(0), 0),
  requestTimeoutMs: v.optional(milliseconds(1), 20_000),
  batchSize: v.optional(integer(1), 100),
  batchBytes: v.optional(integer(1, maxPayloadBytes), 1024 * 1024),
  lingerMs: v.optional(milliseconds(0), 1_000),
  maxInFlight: v.optional(integer(1), 4),
  maxEventBytes: v.optional(integer(64, maxPayloadBytes), 1024 * 1024),
  oversize: v.optional(oneOf('truncate', 'drop'), 'truncate'),
  channel: v.optional(
    v.strictObject({
      type: v.optional(oneOf('memory', 'file'), 'memory'),
      capacity: v.optional(integer(1)),
      byteCapacity: v.optional(integer(1)),
      dir: v.optional(v.custom<string>((value) => typeof value === 'string' && value !== '', "a folder's path")),
      maxBytes: v.optional(integer(64 * 1024)),
      minFreeBytes: v.optional(integer(0)),
      fsync: v.optional(oneOf('always', 'interval', 'never')),
      whenFull: v.optional(oneOf('drop-newest', 'drop-oldest', 'drop-low')),
    }),
    {},
  ),
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
    v.custom<DeadLetterOption>(
      (value) => typeof value === 'string' || typeof value === 'function',
      "a file's path or a function",
    ),
  ),
  flushTimeoutMs: v.optional(milliseconds(0), 5_000),
  closeTimeoutMs: v.optional(milliseconds(0), 5_000),
  headers: v.optional(strings, {}),
  eventId: v.optional(trueOrFalse, false),
};

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function resolveDelivery(options?: DeliveryOptions): ResolvedDelivery {
  return completeDelivery(checkOptions(v.strictObject(deliveryEntries), options));
}

/** Turns checked delivery options, alone or among others, into resolved ones. */
function completeDelivery(
  checked: v.InferOutput<v.StrictObjectSchema<typeof deliveryEntries, undefined>>,
): ResolvedDelivery {
  const { agents, host, port, path, tls: given, channel, ...rest } = checked;
  return Object.freeze({
    ...rest,
    agents: endpoints(agents, { host, port, path }, given),
    channel: completeChannel(channel),
  });
}

function completeChannel(checked: v.InferOutput<typeof deliveryEntries.channel>): ResolvedChannel {
  const { type, capacity, byteCapacity, whenFull = 'drop-newest', ...file } = checked;
  const foreign = Object.entries(type === 'memory' ? file : { capacity, byteCapacity });
  const [name] = foreign.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw wrongOption(`channel.${name}`, `expected none with type '${type}'`);
  if (type === 'memory') {
    return { type, capacity: capacity ?? 100_000, byteCapacity: byteCapacity ?? 64 * 1024 * 1024, whenFull };
  }
  const { dir, maxBytes = 1024 ** 3, minFreeBytes = 64 * 1024 * 1024, fsync = 'interval' } = file;
  if (dir === undefined) throw wrongOption('channel.dir', "expected a folder's path, got undefined");
  return { type, dir, maxBytes, minFreeBytes, fsync, whenFull };
}

const recordEntries = {
  headerFields: v.optional(strings, {}),
  preset: v.optional(oneOf('flume', 'log4j', 'log4j2', 'none'), 'flume'),
  body: v.optional(v.string("'line', 'message' or a path"), 'line'),
};

/**
 * Checks the options of a logger's transport, for the packages that build one.
 *
 * @param options the user's, without those that the logger itself understands
 * @param map what the option map may be: a `function`, or in another thread the path of a `module`
 * @returns the delivery options for an EmbeddedAgent, checked, and the record options, resolved
 * @throws FlumeError `ERR_FLUME_OPTION` naming the option
 */
export function resolveLogger(
  options: unknown,
  map: 'function' | 'module' | 'function or module',
): { readonly delivery: DeliveryOptions; readonly record: ResolvedRecord } {
  const expected = {
    function: 'a function',
    module: "a module's path",
    'function or module': "a function or a module's path",
  };
  const isMap = (value: unknown): boolean =>
    (typeof value === 'function' && map !== 'module') || (typeof value === 'string' && map !== 'function');
  const mapSchema = v.optional(v.custom<RecordMap | string>(isMap, expected[map]));
  const checked = checkOptions(v.strictObject({ ...deliveryEntries, ...recordEntries, map: mapSchema }), options);
  const { headerFields, preset, body, map: given, ...delivery } = checked;
  completeDelivery(delivery);
  if (map === 'module' && typeof delivery.deadLetter === 'function') {
    throw wrongOption('deadLetter', "expected a file's path, got a function");
  }
  return {
    delivery: delivery as DeliveryOptions,
    record: Object.freeze({
      headerFields,
      preset,
      body: bodySource(body),
      map: given,
    }),
  };
}

function bodySource(body: string): ResolvedRecord['body'] {
  return body === 'line' || body === 'message' ? { tag: body } : { tag: 'path', path: body.split('.') };
}

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function resolveClient(options?: FlumeClientOptions): ResolvedClient {
  const {
    host,
    port,
    path,
    tls: given,
    ...rest
  } = checkOptions(
    v.strictObject({
      ...singleAgent,
      protocol,
      framed,
      tls,
      connectTimeoutMs,
      timeoutMs: v.optional(milliseconds(1), 20_000),
    }),
    options,
  );
  const [only] = endpoints(undefined, { host, port, path }, given);
  return Object.freeze({ ...rest, endpoint: only as Endpoint });
}

interface SingleAgent {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly path: string | undefined;
}

function endpoints(agents: unknown, { host, port, path }: SingleAgent, given: unknown): readonly Endpoint[] {
  const common = resolveTls('tls', given);
  if (agents === undefined) {
    if (path === undefined) return [endpoint('host', { host: host ?? '127.0.0.1', port }, common)];
    if (host !== undefined || port !== undefined) throw wrongOption('path', 'expected no host or port beside it');
    if (typeof common === 'object') throw wrongOption('tls', 'expected none for a Unix domain socket');
    return [endpoint('path', { path }, common)];
  }
  if (host !== undefined || port !== undefined || path !== undefined) {
    throw wrongOption('agents', 'expected no host, port or path beside it');
  }
  if (!Array.isArray(agents)) return [endpoint('agents', agents, common)];
  if (agents.length === 0) throw wrongOption('agents', "expected one agent at least, such as 'flume-1:4141', got []");
  return agents.map((agent, index) => endpoint(`agents[${index}]`, agent, common));
}

function endpoint(name: string, value: unknown, common: TlsOptions | false | undefined): Endpoint {
  const own = (value as { tls?: unknown } | null | undefined)?.tls;
  if (own !== undefined) resolveTls(`${name}.tls`, own);
  try {
    return parseEndpoint(value as EndpointOption, common);
  } catch (error) {
    throw wrongOption(name, (error as Error).message);
  }
}

const pem = v.optional(
  v.custom<string | Uint8Array>(
    (value) => (typeof value === 'string' && value !== '') || value instanceof Uint8Array,
    'PEM text, the path of a file, or bytes',
  ),
);

const tlsSchema = v.strictObject({
  ca: v.optional(
    v.custom<NonNullable<TlsOptions['ca']>>(
      (value) =>
        (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string' || one instanceof Uint8Array),
      'PEM text, the path of a file, or bytes, or a list of these',
    ),
  ),
  cert: pem,
  key: pem,
  pfx: pem,
  passphrase: v.optional(v.string('a string')),
  // TLS knows no addresses there, and Node warns of one.
  servername: v.optional(
    v.custom<string>((value) => typeof value === 'string' && isIP(value) === 0, 'a host name, not an address'),
  ),
  minVersion: v.optional(oneOf('TLSv1.2', 'TLSv1.3')),
  rejectUnauthorized: v.optional(trueOrFalse),
});

function resolveTls(name: string, value: unknown): TlsOptions | false | undefined {
  if (value === undefined || value === false) return value;
  if (value === true) return {};
  const checked = checkOptions(v.strictObject({ [name]: tlsSchema }), { [name]: value })[name] as TlsOptions;
  if ((checked.cert === undefined) !== (checked.key === undefined)) {
    throw wrongOption(name, `expected cert and key together, got only ${checked.cert === undefined ? 'key' : 'cert'}`);
  }
  if (checked.pfx !== undefined && checked.cert !== undefined) {
    throw wrongOption(name, 'expected either pfx or cert and key, got both');
  }
  return Object.freeze(checked);
}
