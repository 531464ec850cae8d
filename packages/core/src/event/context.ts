// The context of a record (request, user, tenant) as headers: log4j's mapped diagnostic context. It stands in the record,
// where the logger has put it, or in process in an AsyncLocalStorage.

import { headerName } from './header-text.ts';
import { headerValue } from './header-value.ts';
import { isTimeHeader, timestampText } from './timestamp.ts';

/** Which fields of a context become headers, and under which names. */
interface ContextFields {
  /** The fields to take; of objects only these are taken. @default all texts, numbers, booleans and dates */
  include?: readonly string[] | undefined;
  /** The fields to leave out, instead of `include`. @default [] */
  exclude?: readonly string[] | undefined;
  /** Fields that every context must have: a record without one is sent, counted, and warned of once. @default [] */
  required?: readonly string[] | undefined;
  /** Stands before each name, as `'ctx.'`. @default '' */
  prefix?: string | undefined;
}

/** Headers from an object in each record. */
export interface ContextOptions extends ContextFields {
  /** Where it stands in the record, as `'ctx'`; `'.'`: the record itself, but for what the logger writes of its own. */
  path: string;
}

/** Headers from what an AsyncLocalStorage holds while a record is logged: an object or a Map. In process only. */
export interface StoreContextOptions extends ContextFields {
  /** The AsyncLocalStorage. */
  store: ContextStore;
}

/** An AsyncLocalStorage, as far as it is used. */
export interface ContextStore {
  getStore(): unknown;
}

/** The options, resolved. */
export interface ResolvedContext {
  /** The keys, from the outermost; or the store. */
  readonly source: readonly string[] | ContextStore;
  readonly include: readonly string[] | undefined;
  readonly exclude: readonly string[];
  readonly required: readonly string[];
  readonly prefix: string;
}

/**
 * Names that mean something to Flume or to us: a stray field of that name would send events to another Kafka topic, stop an
 * HDFS sink, or hide what the agent adds. They are taken where `include` names them. So are all that begin with `flume.`.
 */
const reserved = new Set(['topic', 'key', 'timestamp', 'timeStamp', 'id', 'content-encoding', 'truncated']);

const none: ReadonlySet<string> = new Set();

/** Without `include` a context's fields may be data: no more than so many become headers, of no more that are looked at. */
export const maxContextHeaders = 64;
const maxFields = 1_000;
/** A header's name of data is no longer. */
const maxNameLength = 128;

export interface ContextListener {
  /** A context had not all the required fields; once for each record. */
  missing(field: string): void;
  /** A context has more fields than can be headers, or longer names; once for each record. */
  cut(list: readonly string[]): void;
}

export class ContextHeaders {
  readonly #context: ResolvedContext;
  readonly #taken: ReadonlySet<string>;
  readonly #excluded: ReadonlySet<string>;
  readonly #listener: ContextListener;
  /** Header names by field: a context has the same few fields again and again. */
  readonly #names = new Map<string, string | undefined>();

  /** @param taken names of other headers, which a context's never replace */
  constructor(context: ResolvedContext, taken: ReadonlySet<string>, listener: ContextListener) {
    this.#context = context;
    this.#taken = taken;
    this.#excluded = new Set(context.exclude);
    this.#listener = listener;
  }

  /**
   * Adds the headers of a context, which may be nothing at all. Never throws.
   *
   * @param fit cuts a value to its size
   * @param own fields that are no context, and are taken where `include` names them
   */
  addTo(list: string[], context: unknown, fit: (text: string) => string, own: ReadonlySet<string> = none): void {
    const { include, required } = this.#context;
    const end = list.length + 2 * maxContextHeaders;
    let isCut = false;
    let looked = 0;
    for (const field of include ?? fieldNames(context)) {
      if (include === undefined && own.has(field)) continue;
      looked += 1;
      if (include === undefined && (list.length >= end || looked > maxFields)) {
        isCut = true;
        break;
      }
      const value = fieldOf(context, field);
      const isPlain = typeof value !== 'object' || value instanceof Date;
      const text = include === undefined && !isPlain ? undefined : headerValue(value);
      if (text === undefined) continue;
      const name = this.#name(field);
      if (name === undefined || isShadowed(list, name, field, context, this.#context.prefix)) continue;
      if (include === undefined && name.length > maxNameLength) isCut = true;
      else list.push(name, isTimeHeader(name) ? timestampText(value) : fit(text));
    }
    if (isCut) this.#listener.cut(list);
    const missing = required.find((field) => (fieldOf(context, field) ?? undefined) === undefined);
    if (missing !== undefined) this.#listener.missing(missing);
  }

  /** @returns undefined where the field is to be no header */
  #name(field: string): string | undefined {
    if (this.#names.has(field)) return this.#names.get(field);
    const { include, prefix } = this.#context;
    const name = prefix + headerName(field);
    const isReserved = reserved.has(name) || name.startsWith('flume.');
    const isFree = include !== undefined || !(isReserved || this.#excluded.has(field));
    const given = isFree && name !== '' && !this.#taken.has(name) ? name : undefined;
    // Fields are names in somebody's code; where they are data, they are not to be remembered for ever.
    if (this.#names.size < 1_000 && field.length <= maxNameLength) this.#names.set(field, given);
    return given;
  }
}

/** Another field has this name, without a character that a name cannot have: it is not to be replaced by this one. */
function isShadowed(list: readonly string[], name: string, field: string, context: unknown, prefix: string): boolean {
  if (name !== prefix + field && fieldOf(context, name.slice(prefix.length)) !== undefined) return true;
  return list.some((text, at) => at % 2 === 0 && text === name);
}

function* fieldNames(context: unknown): Generator<string> {
  if (typeof context !== 'object' || context === null) return;
  try {
    if (context instanceof Map) {
      for (const key of context.keys()) if (typeof key === 'string') yield key;
      return;
    }
    // Not Object.keys(), which would make a list of a hundred thousand.
    for (const key in context) if (Object.hasOwn(context, key)) yield key;
  } catch {
    // A proxy threw: what was read before it counts.
  }
}

/** A getter that throws counts as absent. */
function fieldOf(context: unknown, field: string): unknown {
  if (typeof context !== 'object' || context === null) return undefined;
  try {
    if (context instanceof Map) return context.get(field);
    return Object.hasOwn(context, field) ? (context as Record<string, unknown>)[field] : undefined;
  } catch {
    return undefined;
  }
}
