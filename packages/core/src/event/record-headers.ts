// A record's headers: the preset's, then those that `headerFields` takes from the record, then those of the user's `map`.
// Each wins over the ones before it, and the static `headers` over all.

import type { HeaderList } from './flume-event.ts';
import { type PresetName, presets, type RecordFacts } from './preset.ts';

export interface RecordHeadersOptions {
  readonly preset: PresetName;
  /** Header name → path in the record. */
  readonly headerFields: Readonly<Record<string, string>>;
  /** A `map` may set any header, so none of the preset's is fixed. */
  readonly mapped: boolean;
}

/** Where a header's value stands in a record. */
export interface HeaderField {
  readonly header: string;
  /** The keys, from the outermost. */
  readonly path: readonly string[];
}

export class RecordHeaders {
  /** Headers that are the same for every record: for the option `headers` of the EmbeddedAgent, below the user's. */
  readonly fixed: Readonly<Record<string, string>>;
  /** What to look up in each record. */
  readonly fields: readonly HeaderField[];
  readonly #perRecord: readonly (readonly [string, (facts: RecordFacts) => string | undefined])[];

  constructor({ preset, headerFields, mapped }: RecordHeadersOptions) {
    const fromFields = new Set(Object.keys(headerFields));
    const { fixed, perRecord } = presets[preset];
    const constant = Object.entries(fixed()).filter(([name]) => !fromFields.has(name));
    this.fixed = Object.fromEntries(mapped ? [] : constant);
    this.#perRecord = [
      ...(mapped ? constant.map(([name, value]) => [name, () => value] as const) : []),
      ...perRecord.filter(([name]) => !fromFields.has(name)),
    ];
    this.fields = Object.entries(headerFields).map(([header, path]) => ({ header, path: path.split('.') }));
  }

  /** The preset's headers for one record, as a new list, to which the caller adds those of `fields`. */
  list(facts: RecordFacts): string[] {
    const list: string[] = [];
    for (const [name, value] of this.#perRecord) {
      const text = value(facts);
      if (text !== undefined) list.push(name, text);
    }
    return list;
  }
}

/** The list with `added` over it. */
export function withHeaders(list: HeaderList, added: Readonly<Record<string, string>>): HeaderList {
  const names = Object.keys(added);
  const kept = list.filter((_text, index) => !names.includes(list[index - (index % 2)] as string));
  return [...kept, ...names.flatMap((name) => [name, added[name] as string])];
}

/** A value of a record as a header's: text as it is, numbers and the like in digits, the rest as JSON; undefined: none. */
export function headerValue(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return undefined;
      try {
        // A Date has a toJSON; an invalid one gives null.
        if (value instanceof Date) return value.toJSON() ?? undefined;
        return JSON.stringify(value);
      } catch {
        return undefined;
      }
    default:
      return undefined;
  }
}

/** What stands at a path of own keys, or undefined. A getter that throws counts as absent. */
export function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  try {
    for (const key of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  } catch {
    return undefined;
  }
}
