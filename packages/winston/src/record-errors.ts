// Which errors a record has: itself, in its fields, in objects and lists there, and among the arguments of the call.

import { isError } from './error-recognition.ts';
import { ownKeys, read } from './property.ts';

/** Objects and lists that are looked into, one within the other: `{ req: { ctx: [{ err }] } }` has four. */
export const maxDepth = 8;
/** Values of one record that are looked at; the rest of a larger one is taken as the format wrote it. */
const maxValues = 10_000;

const splatSymbol = Symbol.for('splat');
let valuesLeft = 0;

/** On the path of every record, so it allocates nothing. Never throws. */
export function holdsError(record: object): boolean {
  valuesLeft = maxValues;
  return isError(record) || hasError(record, 1);
}

/** All of them, the outermost first. Never throws. */
export function allErrors(record: object): readonly Error[] {
  const found: Error[] = [];
  valuesLeft = maxValues;
  if (isError(record)) found.push(record);
  collect(record, 1, found);
  return found;
}

/**
 * The arguments behind the message that are errors: `logger.error('failed', err)`. winston puts some of the first one's fields
 * into the record, and nothing of any other. Never throws.
 */
export function argumentErrors(record: unknown): readonly Error[] {
  const splat = read(record, splatSymbol);
  if (!Array.isArray(splat)) return none;
  for (const argument of splat) if (isError(argument)) return splat.filter(isError);
  return none;
}

/** An object or list that JSON writes member by member. */
export function isContainer(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    typeof read(value, 'toJSON') !== 'function'
  );
}

const none: readonly Error[] = [];

/** @param isCareful something threw: each field is read on its own */
function hasError(container: object, depth: number, isCareful = false): boolean {
  try {
    for (const key in container) {
      valuesLeft -= 1;
      if (valuesLeft < 0) return false;
      // A call for each field would cost more than all the rest.
      const value = isCareful ? read(container, key) : (container as Record<string, unknown>)[key];
      if (typeof value !== 'object' || value === null) continue;
      if (isError(value)) return true;
      if (depth < maxDepth && isContainer(value) && hasError(value, depth + 1, isCareful)) return true;
    }
  } catch {
    // A proxy whose keys cannot be read holds nothing that JSON could write either.
    return !isCareful && hasError(container, depth, true);
  }
  return false;
}

function collect(container: object, depth: number, found: Error[]): void {
  for (const key of ownKeys(container)) {
    if (valuesLeft-- <= 0) return;
    const value = read(container, key);
    if (isError(value)) found.push(value);
    else if (depth < maxDepth && isContainer(value)) collect(value, depth + 1, found);
  }
}
