// Recognizes errors: not only by `instanceof Error`, which knows the errors of one realm alone.

import { isNativeError } from 'node:util/types';

/**
 * An error of whatever realm: Jest's, a vm's and the main one have an `Error` each, and `structuredClone()` makes new ones.
 * A copy of one, or what pretends well (name, message and stack), counts too. Never throws.
 */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  try {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === Array.prototype) return false;
    if (isNativeError(value) || value instanceof Error) return true;
    if (prototype === null) return false;
    const { name, message, stack } = value as Partial<Record<string, unknown>>;
    return typeof stack === 'string' && typeof name === 'string' && typeof message === 'string';
  } catch {
    return false;
  }
}
