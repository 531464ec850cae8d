// A winston info object becomes an event: which headers it gets, and what its body is. Pure, and total: whatever the info
// object is, and whatever its getters do, an event comes out.

import type { FlumeEvent } from 'flume-thrift-client';
import {
  HiddenFields,
  type MappedRecord,
  mapRecord,
  type RecordHeaders,
  type RecordMap,
  type Redaction,
  type ResolvedRecord,
  valueAt,
} from 'flume-thrift-client/loggers';
import { withoutColours } from './colours.ts';
import { isError } from './error-recognition.ts';
import { infoFacts } from './info.ts';
import { read } from './property.ts';
import { json, recordLine } from './record-line.ts';
import type { TransportStats } from './total-stats.ts';

export interface RecordMapperOptions extends Pick<ResolvedRecord, 'body' | 'map' | 'redaction'> {
  readonly headers: RecordHeaders;
  /** The level is below `warn`. */
  readonly isLow: (level: string) => boolean;
  /** The user's map threw, or gave something that is no headers and body. */
  readonly onMapFailure: (error: unknown) => void;
}

/** Fields that winston itself, and its formats for time and errors, write into a record. */
const ownFields = new Set(['level', 'message', 'timestamp', 'stack', 'splat']);

export class RecordMapper {
  readonly #options: RecordMapperOptions;

  constructor(options: RecordMapperOptions) {
    this.#options = options;
  }

  /** Records that were sent otherwise than their logger or the options have it. */
  get counts(): Pick<TransportStats, 'contextMissing' | 'headersCut' | 'redactedByName' | 'withheld'> {
    const { headers, redaction } = this.#options;
    const { redactedByName = 0, withheld = 0 } = redaction ?? {};
    const { contextMissing, headersCut } = headers;
    return { contextMissing, headersCut, redactedByName, withheld };
  }

  /**
   * The event, or null where the user's map wants none. Never throws.
   *
   * @param source the record before the transport's own format
   */
  event(given: unknown, source: unknown = given): FlumeEvent | null {
    const { headers, map, redaction, isLow } = this.#options;
    const hidden = redaction && new HiddenFields();
    const info = hidden && redaction ? withoutWritten(redaction, redaction.record(given, hidden), hidden) : given;
    const added = typeof map === 'function' ? this.#mapped(map, info) : undefined;
    if (added === null) return null;

    const facts = infoFacts(info);
    const list = headers.list(facts);
    for (const field of headers.fields) headers.addField(list, field, valueAt(info, field.path));
    const { contextPath } = headers;
    if (contextPath !== undefined)
      headers.addContext(list, valueAt(info, contextPath), contextPath.length === 0 ? ownFields : undefined);
    return {
      headers: added?.headers === undefined ? list : headers.mapped(list, added.headers),
      body: added?.body ?? this.#body(info, hidden, source),
      low: isLow(facts.level),
    };
  }

  #mapped(map: RecordMap, info: unknown): MappedRecord | null | undefined {
    try {
      return mapRecord(map, info);
    } catch (error) {
      this.#options.onMapFailure(error);
      return undefined;
    }
  }

  #body(info: unknown, hidden: HiddenFields | undefined, source: unknown): string | Uint8Array {
    const { body } = this.#options;
    if (body.tag === 'line') return this.#line(info, hidden, source);
    const value = body.tag === 'path' ? valueAt(info, body.path) : read(info, 'message');
    if (value instanceof Uint8Array) return value;
    if (isError(value) && body.tag === 'message') return String(read(value, 'message'));
    // A record that has no such thing is sent as its line.
    if (value === undefined || value === null) return this.#line(info, hidden, source);
    const text = typeof value === 'string' ? value : asText(value);
    return body.tag === 'message' ? withoutLineEnd(withoutColours(text)) : text;
  }

  /** @param hidden what is hidden in the record */
  #line(info: unknown, hidden: HiddenFields | undefined, source: unknown): string | Uint8Array {
    const { redaction } = this.#options;
    const line = withoutLineEnd(withoutColours(recordLine(info, source)));
    if (redaction === undefined || hidden === undefined) return line;
    // Where the format has written something of it as text, or elsewhere, the record itself is sent.
    return redaction.lineOf(hidden, Buffer.from(line)) ?? redaction.line(Buffer.from(recordLine(info, source, 'none')));
  }
}

const splatSymbol = Symbol.for('splat');
const messageSymbol = Symbol.for('message');

/** format.splat() writes what is logged beside a message into it where the message, which others may choose, has a `%o`. */
function withoutWritten(redaction: Redaction, info: unknown, hidden: HiddenFields): unknown {
  const splat = read(info, splatSymbol);
  const message = read(info, 'message');
  if (!Array.isArray(splat) || typeof message !== 'string') return info;
  const fields = new HiddenFields();
  for (const one of splat as unknown[]) redaction.record(one, fields);
  const safe = fields.paths.size === 0 ? message : redaction.text(message);
  if (safe === message) return info;
  // The format's line has it too, and is none in which all was found.
  hidden.add(['message'], message);
  return Object.assign(Object.create(null) as object, info, { message: safe, [messageSymbol]: undefined });
}

/** A Date as in JSON but for the quotes; what is no plain value as JSON. */
function asText(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : json(value);
}

/** morgan and the like end their messages with a line end; Flume's text serializer adds its own. */
function withoutLineEnd(text: string): string {
  if (!text.endsWith('\n')) return text;
  return text.slice(0, text.endsWith('\r\n') ? -2 : -1);
}
