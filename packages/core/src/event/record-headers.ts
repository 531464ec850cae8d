// A record's headers: those of the context, the preset's, those that `headerFields` takes from the record, and those of the
// user's `map`. Each wins over the ones before it, and the static `headers` over all.

import { FlumeError } from '../errors.ts';
import { ContextHeaders, type ContextStore, maxContextHeaders, type ResolvedContext } from './context.ts';
import type { HeaderList } from './flume-event.ts';
import { headerValue } from './header-value.ts';
import { type Preset, type PresetName, presets, type RecordFacts } from './preset.ts';
import { isTimeHeader, timestampText, wrongTimestamp } from './timestamp.ts';
import { truncateBody } from './truncation.ts';

/** Most headers that a `map` adds. */
const maxMapHeaders = 256;

export interface RecordHeadersOptions {
  /** The headers that every record gets. */
  readonly preset: PresetName;
  /** Header name → path in the record. */
  readonly headerFields: Readonly<Record<string, string>>;
  /** A `map` may set any header, so none of the preset's is fixed. */
  readonly mapped: boolean;
  /** Headers from a context. @default none */
  readonly context?: ResolvedContext | undefined;
  /** Hears, once for each, what the user should know of records whose headers are not as they should be. @default none */
  readonly onNotice?: ((notice: FlumeError) => void) | undefined;
  /** Most bytes of an event: what a record gives takes a quarter of them at most. @default 1048576 */
  readonly maxEventBytes?: number | undefined;
}

type RecordHeader = Preset['perRecord'][number];

/** Where a header's value stands in a record. */
export interface HeaderField {
  readonly header: string;
  /** The keys, from the outermost. */
  readonly path: readonly string[];
}

export class RecordHeaders {
  /** Headers that are the same for every record: for the option `headers` of the EmbeddedAgent, below the user's. */
  readonly fixed: Readonly<Record<string, string>>;
  /** The values to look up in each record. */
  readonly fields: readonly HeaderField[];
  /** Where the context stands in a record, for `addContext()`; `[]`: it is the record itself; undefined where there is none, or it stands in a store. */
  readonly contextPath: readonly string[] | undefined;
  /** Records whose context had not all its required fields. */
  contextMissing = 0;
  /** Records that gave more headers, or longer ones, than an event has room for. */
  headersCut = 0;
  /** The list whose cut was counted. */
  #cut: readonly string[] | undefined;
  /** Most bytes of each value, so that none takes the room of another. */
  readonly #maxValueBytes: number;
  readonly #maxMapBytes: number;
  readonly #perRecord: readonly RecordHeader[];
  readonly #context: ContextHeaders | undefined;
  readonly #store: ContextStore | undefined;
  readonly #onNotice: (notice: FlumeError) => void;
  readonly #told = new Set<string>();

  constructor({
    preset,
    headerFields,
    mapped,
    context,
    onNotice = () => {},
    maxEventBytes = 2 ** 20,
  }: RecordHeadersOptions) {
    this.#onNotice = onNotice;
    const fromFields = new Set(Object.keys(headerFields));
    const { fixed, perRecord } = presets[preset];
    const constant = Object.entries(fixed()).filter(([name]) => !fromFields.has(name));
    this.fixed = Object.fromEntries(mapped ? [] : constant);
    this.#perRecord = [
      ...(mapped ? constant.map(([name, value]) => [name, () => value] as const) : []),
      ...perRecord.filter(([name]) => !fromFields.has(name)),
    ];
    this.fields = Object.entries(headerFields).map(([header, path]) => ({ header, path: path.split('.') }));
    this.#maxMapBytes = Math.floor(maxEventBytes / (mapped ? 8 : 4));
    const values = this.#perRecord.length + this.fields.length + contextSize(context);
    this.#maxValueBytes = Math.floor(this.#maxMapBytes / Math.max(1, values));
    if (context === undefined) return;
    const { source } = context;
    if ('getStore' in source) this.#store = source;
    else this.contextPath = source;
    const taken = new Set([...fromFields, ...constant.map(([name]) => name), ...perRecord.map(([name]) => name)]);
    this.#context = new ContextHeaders(context, taken, {
      missing: (field) => {
        this.contextMissing += 1;
        if (this.contextMissing === 1) this.#tell(`context: ${field} is missing, the record is sent without it`);
      },
      cut: (list) => this.#wasCut(list),
    });
  }

  /** The preset's headers for one record, as a new list, to which the caller adds the others. */
  list(facts: RecordFacts): string[] {
    const list: string[] = [];
    // On the path of every record: an iterator, and a destructured pair, would cost a tenth of it.
    for (let index = 0; index < this.#perRecord.length; index++) {
      const header = this.#perRecord[index] as RecordHeader;
      const text = header[1](facts);
      if (text !== undefined) list.push(header[0], this.#fit(list, text));
    }
    if (this.#store !== undefined) this.addContext(list, storeOf(this.#store));
    return list;
  }

  /**
   * Adds the header of one of `fields`.
   *
   * @param value what stands at its path, or undefined: then there is none, but for a time, which is that of arrival
   */
  addField(list: string[], { header }: Pick<HeaderField, 'header'>, value: unknown): void {
    const text = isTimeHeader(header) ? timestampText(value) : headerValue(value);
    if (text !== undefined) list.push(header, this.#fit(list, text));
  }

  /**
   * Adds the headers of what stands at `contextPath` in the record.
   *
   * @param own of a context that is the record itself: what the logger writes of its own
   */
  addContext(list: string[], context: unknown, own?: ReadonlySet<string>): void {
    this.#context?.addTo(list, context, (text) => this.#fit(list, text), own);
  }

  /** The list with the headers of a `map` over it. */
  mapped(list: HeaderList, added: Readonly<Record<string, string>>): HeaderList {
    const given = Object.keys(added);
    const names = given.slice(0, maxMapHeaders);
    if (names.length < given.length) this.#wasCut(list);
    const maxBytes = Math.floor(this.#maxMapBytes / Math.max(1, names.length));
    const text = (name: string): string => this.#fit(list, this.#mappedText(name, added[name] as string), maxBytes);
    const kept = list.filter((_text, index) => !names.includes(list[index - (index % 2)] as string));
    return [...kept, ...names.flatMap((name) => [name, text(name)])];
  }

  #mappedText(name: string, value: string): string {
    const wrong = wrongTimestamp(name, value);
    if (wrong === undefined) return value;
    this.#tell(`map: it gives a ${wrong}; what is none is sent as the time of arrival`);
    return timestampText(value);
  }

  #fit(list: readonly string[], text: string, maxBytes = this.#maxValueBytes): string {
    // A UTF-16 unit takes three bytes at most.
    if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
    this.#wasCut(list);
    return Buffer.from(truncateBody(text, maxBytes)).toString();
  }

  /** Counts each record once. */
  #wasCut(list: readonly string[]): void {
    if (list === this.#cut) return;
    this.#cut = list;
    this.headersCut += 1;
    this.#tell('headers: a record gives more than an event has room for; they are cut, and the event is sent');
  }

  #tell(notice: string): void {
    if (this.#told.has(notice)) return;
    this.#told.add(notice);
    this.#onNotice(new FlumeError('FLUME_NOTICE', notice));
  }
}

function contextSize(context: ResolvedContext | undefined): number {
  return context === undefined ? 0 : (context.include?.length ?? maxContextHeaders);
}

function storeOf(store: ContextStore): unknown {
  try {
    return store.getStore();
  } catch {
    return undefined;
  }
}
