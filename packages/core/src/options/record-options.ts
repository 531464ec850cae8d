// How a logger's records become events: the options that both loggers add to those of delivery.

import * as v from 'valibot';
import type { ContextStore, ResolvedContext } from '../event/context.ts';
import { hasControls } from '../event/header-text.ts';
import type { PresetName } from '../event/preset.ts';
import type { RecordMap } from '../event/record-map.ts';
import { Redaction } from '../event/redaction.ts';
import { redactionPath } from '../event/redaction-paths.ts';
import { completeDelivery, type DeliveryOptions, deliveryEntries } from './delivery-options.ts';
import { withoutAdditions } from './logger-additions.ts';
import { checkOptions, headerNames, isPath, oneOf, trueOrFalse, wrongOption } from './option-check.ts';

/** How a logger's records become events. */
export interface RecordOptions {
  /**
   * Headers taken from each record: header name → path, as `{ requestId: 'req.id' }`. A record without it gets no such
   * header, but for a time (`timestamp`, `timeStamp`, `flume.client.log4j.timestamp`): that is milliseconds since the epoch
   * whatever the record has there, and the time of arrival where it has none. @default {}
   */
  headerFields?: Readonly<Record<string, string>> | undefined;
  /**
   * Headers that every record gets. `'flume'`: `timestamp` (ms since the epoch), `host`, `level`, and `logger` where it has
   * a name; `'hdfs'`: `timestamp` and `host` alone; `'kafka'`: those of `'flume'`, and `key`: the host; `'log4j'`:
   * `flume.client.log4j.*` as Flume's log4j appender; `'log4j2'`: `timeStamp` and `guId`. @default 'flume'
   */
  preset?: PresetName | undefined;
  /**
   * Headers `trace_id`, `span_id` and `trace_flags` from fields of these names, which OpenTelemetry's instrumentations of
   * loggers add to a record. @default false
   */
  traceContext?: boolean | undefined;
  /**
   * Fields whose values are replaced by `[redacted]` in headers and body, by pino's paths: `'password'`, `'*.token'`,
   * `'req.headers["set-cookie"]'`, `'users[*].email'`. Costs 1 to 2 µs for a record. @default []
   */
  redact?: readonly string[] | undefined;
  /**
   * The event's body: `'line'` what the logger formatted, `'message'` its message alone, or a path in the record. A record
   * that has no such thing is sent as its line. @default 'line'
   */
  body?: string | undefined;
}

/** `RecordOptions`, resolved. */
export interface ResolvedRecord {
  readonly headerFields: Readonly<Record<string, string>>;
  readonly preset: PresetName;
  readonly body: { readonly tag: 'line' | 'message' } | { readonly tag: 'path'; readonly path: readonly string[] };
  readonly context: ResolvedContext | undefined;
  readonly redaction: Redaction | undefined;
  /** A function, or the path of a module that exports one. */
  readonly map: RecordMap | string | undefined;
  /** A record's share in headers is a part of it. */
  readonly maxEventBytes: number;
}

/** An option that the logger itself gives to its transports, judged with ours so that all are told of in one way. */
export interface LoggerOption {
  /** Its possible values, in words. */
  readonly expected: string;
  readonly isRight: (value: unknown) => boolean;
}

const fieldNames = v.array(v.string("a field's name"), 'an array');

export const recordEntries = {
  headerFields: v.optional(headerNames, {}),
  preset: v.optional(oneOf('flume', 'hdfs', 'kafka', 'log4j', 'log4j2', 'none'), 'flume'),
  traceContext: v.optional(trueOrFalse, false),
  context: v.optional(
    v.strictObject({
      path: v.optional(v.custom<string>((value) => typeof value === 'string' && value !== '', "a path, as 'ctx'")),
      store: v.optional(v.custom<ContextStore>(isStore, 'an AsyncLocalStorage')),
      include: v.optional(fieldNames),
      exclude: v.optional(fieldNames),
      required: v.optional(fieldNames, []),
      prefix: v.optional(
        v.custom<string>((value) => typeof value === 'string' && !hasControls(value), 'text in one line'),
        '',
      ),
    }),
  ),
  redact: v.optional(
    v.array(
      v.custom<string>(
        (value) => typeof value === 'string' && redactionPath(value) !== undefined,
        "a path, as 'req.headers.cookie' or 'users[*].email'",
      ),
      'an array of paths',
    ),
    [],
  ),
  body: v.optional(v.string("'line', 'message' or a path"), 'line'),
};

/**
 * Checks the options of a logger's transport, for the packages that build one. What the logger has added by itself is let
 * through.
 *
 * @param options the user's
 * @param map what the option map may be: a `function`, or in another thread the path of a `module`
 * @param loggers the options among them that the logger itself understands
 * @param added what the logger adds by itself, one of `loggerAdditions`
 * @returns the delivery options for an EmbeddedAgent, checked; the record options, resolved; the logger's, as they were
 * @throws FlumeError `ERR_FLUME_OPTION` naming the option
 */
export function resolveLogger(
  options: unknown,
  map: 'function' | 'module' | 'function or module',
  loggers: Readonly<Record<string, LoggerOption>> = {},
  added: readonly string[] = [],
): {
  readonly delivery: DeliveryOptions;
  readonly record: ResolvedRecord;
  readonly logger: Readonly<Record<string, unknown>>;
} {
  const expected = {
    function: 'a function',
    module: "a module's path",
    'function or module': "a function or a module's path",
  };
  const isMap = (value: unknown): boolean =>
    (typeof value === 'function' && map !== 'module') || (isPath(value) && map !== 'function');
  const ours = {
    ...deliveryEntries,
    ...recordEntries,
    map: v.optional(v.custom<RecordMap | string>(isMap, expected[map])),
  };
  // The logger's names are not in the type, and are taken out again before anybody sees it.
  const all = { ...ours, ...loggerEntries(loggers) } as typeof ours;
  const checked = checkOptions(v.strictObject(all), withoutAdditions(options, added, all));
  const logger: Record<string, unknown> = {};
  for (const name of Object.keys(loggers)) {
    logger[name] = (checked as Record<string, unknown>)[name];
    delete (checked as Record<string, unknown>)[name];
  }
  const { headerFields, preset, traceContext, context, redact, body, map: given, ...delivery } = checked;
  completeDelivery(delivery);
  if (map === 'module' && typeof delivery.deadLetter === 'function') {
    throw wrongOption('deadLetter', "expected a file's path, got a function");
  }
  return {
    delivery: delivery as DeliveryOptions,
    logger,
    record: Object.freeze({
      headerFields: traceContext ? { ...traceFields, ...headerFields } : headerFields,
      preset,
      context: contextSource(context),
      redaction: redact.length === 0 ? undefined : new Redaction(redact),
      body: bodySource(body),
      map: given,
      maxEventBytes: delivery.maxEventBytes,
    }),
  };
}

function loggerEntries(loggers: Readonly<Record<string, LoggerOption>>): v.ObjectEntries {
  const entries = Object.entries(loggers).map(([name, { expected, isRight }]) => [
    name,
    v.optional(v.custom<unknown>(isRight, expected)),
  ]);
  return Object.fromEntries(entries) as v.ObjectEntries;
}

function bodySource(body: string): ResolvedRecord['body'] {
  return body === 'line' || body === 'message' ? { tag: body } : { tag: 'path', path: body.split('.') };
}

/** The names that OpenTelemetry gives these fields of a log record. */
const traceFields = { trace_id: 'trace_id', span_id: 'span_id', trace_flags: 'trace_flags' };

function contextSource(context: v.InferOutput<typeof recordEntries.context>): ResolvedContext | undefined {
  if (context === undefined) return undefined;
  const { path, store, include, exclude, required, prefix } = context;
  if (path !== undefined && store !== undefined) throw wrongOption('context.store', 'expected no path beside it');
  if (include !== undefined && exclude !== undefined)
    throw wrongOption('context.exclude', 'expected no include beside it');
  const source = store ?? (path === '.' ? [] : path?.split('.'));
  if (source === undefined) throw wrongOption('context.path', 'expected a path, or in process a store, got undefined');
  return { source, include, exclude: exclude ?? [], required, prefix };
}

function isStore(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as ContextStore).getStore === 'function';
}
