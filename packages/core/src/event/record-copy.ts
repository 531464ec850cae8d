// Copies of records and what is in them, for who changes something that others see too.

import { isNativeError } from 'node:util/types';

/** Of this realm or another. */
export function isError(value: object): value is Error {
  return isNativeError(value) || value instanceof Error;
}

/** With its prototype, and everything that is no plain field too, such as winston's symbols and the stack of an error. */
export function copyOf(value: object): object {
  if (Array.isArray(value)) return [...(value as unknown[])];
  const properties: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(value);
  // In newer V8 an accessor that gives nothing for any object but the error itself.
  if (isError(value) && properties.stack?.get !== undefined) {
    properties.stack = { value: value.stack, enumerable: false, writable: true, configurable: true };
  }
  return Object.create(Object.getPrototypeOf(value) as object | null, properties) as object;
}
