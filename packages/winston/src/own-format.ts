// The format of the transport alone, which runs after the logger's.

import { copyOf } from 'flume-thrift-client/loggers';
import { isError } from './error-recognition.ts';

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
  const made = format.transform(copyFor(info) as never, format.options);
  if (made instanceof Promise) {
    // Its fate concerns nobody.
    made.catch(() => {});
    throw new TypeError('it is asynchronous');
  }
  return made || filtered;
}

/**
 * For a format, which may change it. As winston-transport's, but that an error stays one, whose message and stack are no
 * enumerable fields; and the arguments of the call are kept from format.splat(), which empties their list.
 */
function copyFor(info: unknown): unknown {
  const copy = (isError(info) ? copyOf(info) : { ...(info as object) }) as Record<symbol, unknown>;
  const splat = copy[splatSymbol];
  if (Array.isArray(splat)) copy[splatSymbol] = [...(splat as unknown[])];
  return copy;
}
