// How a logger's records become events: the options that both loggers add to those of delivery.

import * as v from 'valibot';
import type { PresetName } from '../event/preset.ts';
import type { RecordMap } from '../event/record-map.ts';
import { completeDelivery, type DeliveryOptions, deliveryEntries } from './delivery-options.ts';
import { checkOptions, oneOf, strings, wrongOption } from './option-check.ts';

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
