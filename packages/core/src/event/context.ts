// What is known while a record is logged (request, user, tenant) as headers: log4j's mapped diagnostic context. It stands in
// the record, where the logger has put it, or in process in an AsyncLocalStorage.

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

/** What is used of an AsyncLocalStorage. */
export interface ContextStore {
  getStore(): unknown;
}

/** What the options are resolved to. */
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

export class ContextHeaders {
  readonly #context: ResolvedContext;
  readonly #taken: ReadonlySet<string>;
  readonly #excluded: ReadonlySet<string>;
  readonly #onMissing: (field: string) => void;
  /** Header names by field: a context has the same few fields again and again. */
  readonly #names = new Map<string, string | undefined>();

  /**
   * @param taken names of other headers, which a context's never replace
   * @param onMissing a context had not all the required fields; once for each record
   */
  constructor(context: ResolvedContext, taken: ReadonlySet<string>, onMissing: (field: string) => void) {
    this.#context = context;
    this.#taken = taken;
    this.#excluded = new Set(context.exclude);
    this.#onMissing = onMissing;
  }

  /**
   * Adds the headers of a context, which may be nothing at all. Never throws.
   *
   * @param own fields that are no context, and are taken where `include` names them
   */
  addTo(list: string[], context: unknown, own: ReadonlySet<string> = none): void {
    const { include, required } = this.#context;
    const fields = fieldsOf(context);
    for (const field of include ?? fields.keys()) {
      if (include === undefined && own.has(field)) continue;
      const value = fields.get(field);
      const isPlain = typeof value !== 'object' || value instanceof Date;
      const text = include === undefined && !isPlain ? undefined : headerValue(value);
      if (text === undefined) continue;
      const name = this.#name(field);
      if (name !== undefined) list.push(name, isTimeHeader(name) ? timestampText(value) : text);
    }
    const missing = required.find((field) => fields.get(field) === undefined || fields.get(field) === null);
    if (missing !== undefined) this.#onMissing(missing);
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
    if (this.#names.size < 1_000) this.#names.set(field, given);
    return given;
  }
}

function fieldsOf(context: unknown): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  if (typeof context !== 'object' || context === null) return fields;
  try {
    for (const [key, value] of context instanceof Map ? context : Object.entries(context)) {
      if (typeof key === 'string') fields.set(key, value);
    }
  } catch {
    // A getter threw: what was read before it counts.
  }
  return fields;
}
