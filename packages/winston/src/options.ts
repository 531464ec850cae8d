// The transport's options: winston's own, which go to its base class, and ours, which the core checks.

import type { DeliveryOptions } from 'flume-thrift-client';
import {
  type ContextOptions,
  type LoggerOption,
  loggerAdditions,
  type RecordMap,
  type RecordOptions,
  resolveLogger,
  type StoreContextOptions,
} from 'flume-thrift-client/loggers';

// Without an import, so that the declarations are right for consumers with and without esModuleInterop.
// oxlint-disable-next-line typescript/consistent-type-imports
type StreamOptions = import('winston-transport').TransportStreamOptions;

/**
 * winston's info object, as the logger's format left it: what `map` gets, and listeners of `'logged'`.
 *
 * @example
 * const map = (record: WinstonRecord) => (record.path === '/health' ? null : { headers: { level: record.level } });
 */
export interface WinstonRecord {
  /** As it was logged, or coloured by a format. */
  level: string;
  /** Text mostly; whatever was logged. */
  message: unknown;
  /** Fields of the call, of child loggers and of `defaultMeta`. */
  // oxlint-disable-next-line typescript/no-explicit-any
  [field: string]: any;
}

/**
 * winston's options for any transport, and those for the delivery to Flume.
 *
 * @example
 * { agents: ['flume-1:4141', 'flume-2:4141'], level: 'info', headers: { app: 'checkout' } }
 */
export interface FlumeTransportOptions extends DeliveryOptions, RecordOptions {
  /** Most verbose level that is sent. @default the logger's */
  level?: string | undefined;
  /** A format for this transport alone; the logger's format has run before. @default none */
  format?: StreamOptions['format'] | undefined;
  /** Sends nothing. @default false */
  silent?: boolean | undefined;
  /** Sends uncaught exceptions too. @default false */
  handleExceptions?: boolean | undefined;
  /** Sends unhandled rejections too. @default false */
  handleRejections?: boolean | undefined;
  /** Records that winston may buffer before this transport, which takes each at once: 2 or more, to no effect. @default 16 */
  highWaterMark?: number | undefined;
  /** The name that `logger.transports` shows. @default 'flume' */
  name?: string | undefined;
  /**
   * Makes an event of winston's info object: its headers are added (and win over all but the option `headers`), its body
   * replaces the one that the option `body` gives. null: the record is not sent, and counted as filtered. One that throws
   * or returns no such object is counted, and the record sent without it. @default none
   */
  map?: RecordMap | undefined;
  /**
   * Headers from an object in each record, `{ path: 'ctx', include: ['tenant'] }`, or from an AsyncLocalStorage,
   * `{ store, include: ['tenant'] }`. @default none
   */
  context?: ContextOptions | StoreContextOptions | undefined;
}

export interface SplitOptions extends Pick<ReturnType<typeof resolveLogger>, 'delivery' | 'record'> {
  readonly name: string;
  /** For the base class. Never `log`, `logv` or `close`: it would put these over our own methods. */
  readonly stream: StreamOptions;
}

const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const trueOrFalse: LoggerOption = { expected: 'true or false', isRight: isBoolean };

// winston itself takes whatever comes: a level that is none hides every record, a format that is none throws at the first.
const winstonOptions: Readonly<Record<string, LoggerOption>> = {
  name: { expected: 'a name', isRight: isName },
  level: { expected: "a level's name", isRight: isName },
  format: { expected: 'a format, called: winston.format.json()', isRight: isFormat },
  silent: trueOrFalse,
  handleExceptions: trueOrFalse,
  handleRejections: trueOrFalse,
  // With 1, winston-transport answers a filtered record by 'drain' before the logger waits for one, which then waits for ever.
  highWaterMark: { expected: 'an integer >= 2', isRight: (value) => Number.isInteger(value) && Number(value) >= 2 },
};

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function splitOptions(options?: FlumeTransportOptions): SplitOptions {
  const { delivery, record, logger } = resolveLogger(
    withNestedPaths(options),
    'function',
    winstonOptions,
    loggerAdditions.winston,
  );
  const { name = 'flume', ...stream } = logger;
  // winston's types know neither highWaterMark nor undefined; winston does.
  return { delivery, record, name: name as string, stream: stream as StreamOptions };
}

/**
 * winston makes a record the message of another where its own message is empty, and format.logstash() calls that @message:
 * what is to be hidden is hidden there too.
 */
function withNestedPaths(options: FlumeTransportOptions | undefined): FlumeTransportOptions | undefined {
  const redact: unknown = options?.redact;
  if (!Array.isArray(redact) || !redact.every((path) => typeof path === 'string')) return options;
  const below = (place: string): string[] => redact.map((path) => `${place}${path.startsWith('[') ? '' : '.'}${path}`);
  return { ...options, redact: [...redact, ...below('message'), ...below('@message')] };
}

function isFormat(value: unknown): boolean {
  return typeof (value as { transform?: unknown } | null)?.transform === 'function';
}
