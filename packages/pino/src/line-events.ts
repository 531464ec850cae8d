// Makes a Flume event of a line: the bytes of the line are the body, the headers are read from them in passing. Knows the
// words of both sides; no pino, no network.

import { FlumeError, type FlumeEvent } from 'flume-thrift-client';
import {
  type HeaderList,
  headerValue,
  type MappedRecord,
  mapRecord,
  RecordHeaders,
  type RecordMap,
  type ResolvedRecord,
  valueAt,
} from 'flume-thrift-client/loggers';
import { contents, FieldScanner, parsed } from './field-scanner.ts';
import { KeySearch } from './key-search.ts';
import type { PinoTransportOptions } from './options.ts';
import { Levels, type PinoConfig } from './pino-config.ts';
import { PinoPrefix } from './pino-prefix.ts';
import { RepeatedText } from './repeated-text.ts';

/** Where a value stands: the slot of its first key, then a scanner and the name of each key below. */
interface FieldPath {
  readonly header: string;
  readonly slot: number;
  readonly below: readonly { readonly scanner: FieldScanner; readonly path: readonly string[] }[];
}

export class LineEvents {
  readonly #record: ResolvedRecord;
  readonly #map: RecordMap | undefined;
  readonly #headers: RecordHeaders;
  readonly #warn: (error: FlumeError) => void;
  readonly #prefix = new PinoPrefix();
  readonly #nameSearch = new KeySearch('name');
  readonly #name = new RepeatedText();
  readonly #own: PinoTransportOptions;
  #levels = new Levels();
  /** Slots 0 and 1 are level and time. */
  #scanner = new FieldScanner([]);
  #nameSlot = -1;
  #fields: readonly FieldPath[] = [];
  #body: FieldPath | undefined;
  #context: FieldPath | undefined;
  /** Where the whole record is the context: what of it is pino's own. */
  #ownFields: ReadonlySet<string> | undefined;
  /** Lines may have pino's prefix. */
  #prefixed = true;
  /** How much of a line with pino's prefix must be scanned. */
  #scans: 'nothing' | 'name' | 'rest' | 'all' = 'nothing';
  /** Lines for which `map` returned null. */
  filtered = 0;
  /** Lines for which `map` threw or returned no event. */
  mapFailures = 0;

  constructor(
    record: ResolvedRecord,
    own: PinoTransportOptions,
    map: RecordMap | undefined,
    warn: (error: FlumeError) => void,
  ) {
    this.#record = record;
    this.#own = own;
    this.#map = map;
    this.#warn = warn;
    this.#headers = new RecordHeaders({ ...record, mapped: map !== undefined, onNotice: warn });
    record.redaction?.onNotice(warn);
    this.configure({});
  }

  /** Headers that are the same for every line. */
  get fixedHeaders(): Readonly<Record<string, string>> {
    return this.#headers.fixed;
  }

  /** Lines whose context had not all its required fields. */
  get contextMissing(): number {
    return this.#headers.contextMissing;
  }

  /** Lines that gave more headers, or longer ones, than an event has room for. */
  get headersCut(): number {
    return this.#headers.headersCut;
  }

  /** Lines in which fields were hidden by their names alone. */
  get redactedByName(): number {
    return this.#record.redaction?.redactedByName ?? 0;
  }

  /** Lines of which only `[redacted]` was sent. */
  get withheld(): number {
    return this.#record.redaction?.withheld ?? 0;
  }

  /** Learns the levels and the message's key. */
  configure(config: PinoConfig): void {
    const { levels, levelKey = config.levelKey ?? 'level', timeKey = config.timeKey ?? 'time' } = this.#own;
    const messageKey = this.#own.messageKey ?? config.messageKey ?? 'msg';
    this.#levels = new Levels(config.levels, levels);
    this.#prefixed = levelKey === 'level' && timeKey === 'time';
    const keys = [levelKey, timeKey];
    const fieldPath = (header: string, [first = '', ...rest]: readonly string[]): FieldPath => {
      if (!keys.includes(first)) keys.push(first);
      const below = rest.map((key, depth) => ({ scanner: new FieldScanner([key]), path: rest.slice(depth) }));
      return { header, slot: keys.indexOf(first), below };
    };
    const { body, preset } = this.#record;
    this.#fields = this.#headers.fields.map(({ header, path }) => fieldPath(header, path));
    if (body.tag === 'message') this.#body = fieldPath('', [messageKey]);
    if (body.tag === 'path') this.#body = fieldPath('', body.path);
    const { contextPath } = this.#headers;
    if (contextPath?.length === 0) this.#ownFields = new Set([levelKey, timeKey, messageKey, 'name', 'hostname', 'v']);
    else if (contextPath !== undefined) this.#context = fieldPath('', contextPath);
    const named = preset === 'flume' || preset === 'kafka' || preset === 'log4j';
    this.#nameSlot = named ? fieldPath('', ['name']).slot : -1;
    const paths = [...this.#fields, this.#body, this.#context].filter((path) => path !== undefined);
    if (paths.some(({ slot }) => slot < 2)) this.#scans = 'all';
    else if (paths.length > 0) this.#scans = 'rest';
    else this.#scans = named ? 'name' : 'nothing';
    this.#scanner = new FieldScanner(keys, 2);
  }

  /** The chunk that lines were given of is not valid any more. */
  endChunk(): void {
    this.#nameSearch.forget();
  }

  /**
   * The event for the line from `start` up to `end`; its body may be a view of `bytes`.
   *
   * @param skipped bytes that the line had beyond
   * @returns undefined where `map` filtered it out
   */
  event(bytes: Buffer, start: number, end: number, skipped = 0): FlumeEvent | undefined {
    if (skipped > 0) return this.#cutEvent(bytes, start, end, skipped);
    const { redaction } = this.#record;
    if (redaction === undefined) return this.#event(bytes, start, end);
    const line = redaction.line(bytes.subarray(start, end));
    return this.#event(line, 0, line.length);
  }

  #cutEvent(bytes: Buffer, start: number, end: number, skipped: number): FlumeEvent | undefined {
    const event = this.event(bytes, start, end);
    if (event === undefined) return undefined;
    return { ...event, headers: [...(event.headers as HeaderList), 'truncated', String(end - start + skipped)] };
  }

  #event(bytes: Buffer, start: number, end: number): FlumeEvent | undefined {
    const prefix = this.#prefix;
    const scanner = this.#scanner;
    let level: string | undefined;
    let low = false;
    let time: number | string | undefined;
    if (this.#prefixed && prefix.read(bytes, start, end)) {
      level = this.#levels.name(prefix.level);
      low = this.#levels.isLow(prefix.level);
      time = prefix.time;
      this.#scan(bytes, start, end);
    } else {
      scanner.scan(bytes, start, end);
      const found = this.#first(bytes, 0);
      const number = found !== undefined && found < ':' && numeric.test(found) ? Number(found) : undefined;
      level = number === undefined ? found : this.#levels.name(number);
      low = level !== undefined && this.#levels.isLow(number ?? level);
      time = this.#time(bytes);
    }
    const nameAt = this.#nameSlot === -1 ? -1 : scanner.start(this.#nameSlot);
    const loggerName = nameAt === -1 ? undefined : this.#name.read(bytes, nameAt, scanner.end(this.#nameSlot));
    const headers = this.#headers.list({ time, level, loggerName });
    for (const field of this.#fields) {
      this.#headers.addField(headers, field, this.#at(bytes, field)?.toString());
    }
    if (this.#context !== undefined) this.#headers.addContext(headers, this.#objectAt(bytes, this.#context));
    if (this.#ownFields !== undefined) this.#headers.addContext(headers, parsed(bytes, start, end), this.#ownFields);
    const body = (this.#body === undefined ? undefined : this.#at(bytes, this.#body)) ?? bytes.subarray(start, end);
    if (this.#map === undefined) return { headers, body, low };
    return this.#mapped(this.#map, parsed(bytes, start, end), { headers, body, low });
  }

  /** Scans no more of a line with pino's prefix than is needed. */
  #scan(bytes: Buffer, start: number, end: number): void {
    const from = this.#prefix.end;
    switch (this.#scans) {
      case 'nothing':
        return;
      case 'name': {
        const last = this.#nameSearch.last(bytes, from, end);
        if (last === -1) this.#scanner.clear();
        else this.#scanner.scan(bytes, from, end, last);
        return;
      }
      case 'rest':
        this.#scanner.scan(bytes, from, end);
        return;
      case 'all':
        this.#scanner.scan(bytes, start, end);
    }
  }

  /** The value of the first of equal keys, which is the logger's own: those of a record come after it. */
  #first(bytes: Buffer, slot: number): string | undefined {
    const start = this.#scanner.firstStart(slot);
    return start === -1 ? undefined : contents(bytes, start, this.#scanner.firstEnd(slot))?.toString();
  }

  #time(bytes: Buffer): string | undefined {
    const time = this.#first(bytes, 1);
    if (time?.startsWith('{') !== true) return time;
    const { seconds, nanos } = (parsed(Buffer.from(time), 0, Buffer.byteLength(time)) ?? {}) as Record<string, unknown>;
    return `${seconds as string}.${String(nanos).padStart(9, '0')}`;
  }

  #at(bytes: Buffer, { slot, below }: FieldPath): Buffer | string | undefined {
    let start = this.#scanner.start(slot);
    let end = this.#scanner.end(slot);
    if (start === -1) return undefined;
    for (const { scanner, path } of below) {
      // An array's elements have no names to scan for.
      if (bytes[start] === 0x5b) return headerValue(valueAt(parsed(bytes, start, end), path));
      scanner.scan(bytes, start, end);
      start = scanner.start(0);
      end = scanner.end(0);
      if (start === -1) return undefined;
    }
    return contents(bytes, start, end);
  }

  #objectAt(bytes: Buffer, field: FieldPath): unknown {
    const value = this.#at(bytes, field);
    return Buffer.isBuffer(value) ? parsed(value, 0, value.length) : undefined;
  }

  #mapped(map: RecordMap, record: unknown, plain: FlumeEvent & { headers: HeaderList }): FlumeEvent | undefined {
    // Not a record, so nothing that a map could be asked about.
    if (typeof record !== 'object' || record === null) return plain;
    let mapped: MappedRecord | null;
    try {
      mapped = mapRecord(map, record);
    } catch (error) {
      this.mapFailures += 1;
      if (this.mapFailures === 1) {
        const why = error instanceof Error ? error.message : String(error);
        this.#warn(new FlumeError('FLUME_NOTICE', `map failed, the line is sent as it is: ${why}`, { cause: error }));
      }
      return plain;
    }
    if (mapped === null) {
      this.filtered += 1;
      return undefined;
    }
    const { headers = {}, body = plain.body } = mapped;
    return { headers: this.#headers.mapped(plain.headers, headers), body, low: plain.low };
  }
}

/** A number, also as text. It begins below ':'. */
const numeric = /^-?\d+(?:\.\d+)?$/;
