// The agent's options, checked once and then complete.
import type { TlsOptions } from 'node:tls';
import type { ProtocolName } from './bounded-protocol.ts';
import type { ReceivedEvent } from './call.ts';
import type { ScriptFunction, ScriptStep } from './script.ts';

export interface DevAgentOptions {
  /** The address to listen at. @default '127.0.0.1' */
  host?: string | undefined;
  /** 0 takes a free port. @default 4141 */
  port?: number | undefined;
  /** A Unix socket instead of host and port. @default none */
  path?: string | undefined;
  /** Flume's source speaks compact and binary. @default 'compact' */
  protocol?: ProtocolName | undefined;
  /** Flume's source is always framed; false is for clients of other Thrift servers. @default true */
  framed?: boolean | undefined;
  /** Options of tls.createServer: at least `key` and `cert`. @default plain TCP */
  tls?: TlsOptions | undefined;
  /** Most events in one call; more is FAILED at once. A memory channel of Flume has 100. @default Infinity */
  transactionCapacity?: number | undefined;
  /** Most events held until drain(); a call that does not fit is FAILED. @default Infinity */
  capacity?: number | undefined;
  /** Milliseconds that a call waits for room before FAILED. @default 3000 */
  keepAliveMs?: number | undefined;
  /** Milliseconds that each call takes before its events are stored and it is answered. @default 0 */
  latencyMs?: number | undefined;
  /** Milliseconds after which a connection on which nothing moves is closed; 0 never. @default 0, with TLS 120000 as Flume does */
  idleTimeoutMs?: number | undefined;
  /** Milliseconds after which a connection is closed that is silent in the middle of a request; 0 never. @default 30000 */
  requestTimeoutMs?: number | undefined;
  /** How many of the newest events and calls stay to be looked at. @default 100000 */
  keepEvents?: number | undefined;
  /** About how much memory the events that stay may take, in bytes. @default 268435456 (256 MiB) */
  keepBytes?: number | undefined;
  /** Serves a page and its control API at this port, 0 at a free one; see the README. @default off */
  ui?: number | undefined;
  /** The address of the page; whoever reaches it reads the events. @default '127.0.0.1' */
  uiHost?: string | undefined;
  /** A Flume agent's configuration: the page then shows where each event would go. @default none */
  conf?: string | undefined;
  /** Which agent in it. @default the only one */
  confAgent?: string | undefined;
  /** Called for each event that is stored. @default none */
  onEvent?: ((event: ReceivedEvent) => void) | undefined;
  /** Answers the first calls by these steps, as script(). @default [] */
  script?: readonly ScriptStep[] | ScriptFunction | undefined;
}

export interface ResolvedOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
  readonly protocol: ProtocolName;
  readonly framed: boolean;
  readonly tls: TlsOptions | undefined;
  readonly transactionCapacity: number;
  readonly capacity: number;
  readonly keepAliveMs: number;
  readonly latencyMs: number;
  readonly idleTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepEvents: number;
  readonly keepBytes: number;
  readonly ui: number | undefined;
  readonly uiHost: string;
  readonly conf: string | undefined;
  readonly confAgent: string | undefined;
  readonly onEvent: ((event: ReceivedEvent) => void) | undefined;
  readonly script: readonly ScriptStep[] | ScriptFunction;
}

/** Throws a TypeError that names the option, what was expected and what came. */
export function resolveOptions(options: DevAgentOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw new TypeError(`${name}: no such option; the options are ${[...known].join(', ')}`);
  }
  const { host, port, path, tls, ui, uiHost, conf, confAgent, onEvent } = options;
  if (path !== undefined && (host !== undefined || port !== undefined)) {
    throw new TypeError('path: expected no host and no port beside it');
  }
  if (ui === undefined && (uiHost ?? conf ?? confAgent) !== undefined) {
    throw new TypeError('ui: expected a port, since uiHost, conf and confAgent are for the page');
  }
  return Object.freeze({
    host: check('host', host ?? '127.0.0.1', isText, 'a host name'),
    port: check('port', port ?? 4141, isPort, 'an integer from 0 to 65535'),
    path: check('path', path, (value) => value === undefined || isText(value), 'the path of a Unix socket'),
    protocol: check('protocol', options.protocol ?? 'compact', isProtocol, `'compact', 'binary' or 'json'`),
    framed: check('framed', options.framed ?? true, (value) => typeof value === 'boolean', 'true or false'),
    tls: check('tls', tls, (value) => value === undefined || isObject(value), 'the options of tls.createServer'),
    transactionCapacity: limit('transactionCapacity', options.transactionCapacity, 1),
    capacity: limit('capacity', options.capacity, 1),
    keepAliveMs: duration('keepAliveMs', options.keepAliveMs ?? 3_000),
    latencyMs: duration('latencyMs', options.latencyMs ?? 0),
    idleTimeoutMs: duration('idleTimeoutMs', options.idleTimeoutMs ?? (tls === undefined ? 0 : 120_000)),
    requestTimeoutMs: duration('requestTimeoutMs', options.requestTimeoutMs ?? 30_000),
    keepEvents: limit('keepEvents', options.keepEvents ?? 100_000, 0),
    keepBytes: limit('keepBytes', options.keepBytes ?? 256 * 1024 * 1024, 0),
    ui: check('ui', ui, (value) => value === undefined || isPort(value), 'an integer from 0 to 65535'),
    uiHost: check('uiHost', uiHost ?? '127.0.0.1', isText, 'a host name'),
    conf: check('conf', conf, (value) => value === undefined || isText(value), 'the path of a configuration'),
    confAgent: check('confAgent', confAgent, (value) => value === undefined || isText(value), "an agent's name"),
    onEvent: check('onEvent', onEvent, (value) => value === undefined || typeof value === 'function', 'a function'),
    script: options.script ?? [],
  });
}

const known = new Set([
  'host',
  'port',
  'path',
  'protocol',
  'framed',
  'tls',
  'transactionCapacity',
  'capacity',
  'keepAliveMs',
  'latencyMs',
  'idleTimeoutMs',
  'requestTimeoutMs',
  'keepEvents',
  'keepBytes',
  'ui',
  'uiHost',
  'conf',
  'confAgent',
  'onEvent',
  'script',
] satisfies (keyof ResolvedOptions)[] as string[]);

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isInteger = (value: unknown, least: number): boolean => Number.isInteger(value) && Number(value) >= least;
const isPort = (value: unknown): boolean => isInteger(value, 0) && Number(value) <= 65_535;
const isProtocol = (value: unknown): boolean => value === 'compact' || value === 'binary' || value === 'json';

// setTimeout() takes no more, and would fire at once.
const longestMs = 2 ** 31 - 1;

function limit(name: string, value: number = Infinity, least: number): number {
  const holds = (given: unknown): boolean => given === Infinity || isInteger(given, least);
  return check(name, value, holds, `an integer >= ${least} or Infinity`);
}

function duration(name: string, value: number): number {
  const holds = (given: unknown): boolean => isInteger(given, 0) && Number(given) <= longestMs;
  return check(name, value, holds, `an integer from 0 to ${longestMs} (milliseconds)`);
}

function check<T>(name: string, value: T, holds: (value: T) => boolean, expected: string): T {
  if (holds(value)) return value;
  const got = typeof value === 'string' ? `'${value}'` : String(value);
  throw new TypeError(`${name}: expected ${expected}, got ${got}`);
}
