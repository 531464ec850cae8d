// A value somewhere in a record, and how it reads as a header.

import { headerText } from './header-text.ts';
import { isError } from './record-copy.ts';

/**
 * A value of a record as a header's: text made safe (`headerText()`), numbers and the like in digits, an error as its name and
 * message, the rest as JSON; undefined: none.
 */
export function headerValue(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return headerText(value);
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      if (value === null) return undefined;
      try {
        // A Date has a toJSON; an invalid one gives null.
        if (value instanceof Date) return value.toJSON() ?? undefined;
        if (isError(value)) return headerText(`${value.name}: ${value.message}`);
        return headerText(JSON.stringify(value));
      } catch {
        return undefined;
      }
    default:
      return undefined;
  }
}

/** The value at a path of own keys, or undefined. A getter that throws counts as absent. */
export function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  try {
    for (const key of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      // An error's name is its class's.
      if (!(Object.hasOwn(value, key) || (key === 'name' && isError(value)))) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  } catch {
    return undefined;
  }
}
