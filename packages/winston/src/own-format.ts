// The format of the transport alone, which runs after the logger's.

import { isError } from './error-recognition.ts';
import { read } from './property.ts';

interface Format {
  transform(info: never, options?: unknown): unknown;
  readonly options?: unknown;
}

/** The format wants no event of the record. */
export const filtered: unique symbol = Symbol('filtered');

const splatSymbol = Symbol.for('splat');

/**
 * The record as the format has it.
 *
 * @throws what the format throws
 */
export function formatted(format: Format, info: unknown): unknown {
  const made = format.transform(copyOf(info) as never, format.options);
  if (made instanceof Promise) {
    // What becomes of it concerns nobody.
    made.catch(() => {});
    throw new TypeError('it is asynchronous');
  }
  return made || filtered;
}

/**
 * A copy, which a format may change. As winston-transport's, but that an error stays one, whose message and stack are no
 * enumerable fields; and the arguments of the call are kept from format.splat(), which empties their list.
 */
function copyOf(info: unknown): unknown {
  const copy: Record<string | symbol, unknown> = isError(info) ? copyOfError(info) : Object.assign({}, info);
  const splat = copy[splatSymbol];
  if (Array.isArray(splat)) copy[splatSymbol] = [...(splat as unknown[])];
  return copy;
}

function copyOfError(error: Error): Record<string | symbol, unknown> {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Record<string | symbol, unknown>;
  for (const key of Reflect.ownKeys(error)) {
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    // By value: in newer V8 `stack` is an accessor that knows only its own error.
    Object.defineProperty(copy, key, { value: read(error, key), enumerable, writable: true, configurable: true });
  }
  return copy;
}
