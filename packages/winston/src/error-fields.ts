// The parts of an error, of which JSON keeps nothing by itself: as fields for a JSON line, as stacks for a text line. Other
// fields are not among it: JSON has those of the error itself, and those of a cause (an HTTP client's config, say) may hold
// secrets.

import { isError } from './error-recognition.ts';
import { ownKeys, read } from './property.ts';
import { holdsError, isContainer } from './record-errors.ts';

/** Causes below an error, each counted as one; lists of errors count as two, since lists of lists grow fast. */
const maxDepth = 5;
const maxErrors = 20;

/** name, message, stack, code, cause and errors, each where the error has it and it can be read. */
export function errorFields(error: Error, depth: number = 1, seen: Set<object> = new Set()): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of ['name', 'message', 'stack']) {
    const value = read(error, key);
    if (value !== undefined) fields[key] = value;
  }
  const code = read(error, 'code');
  if (typeof code === 'string' || typeof code === 'number') fields.code = code;
  const cause = read(error, 'cause');
  if (cause !== undefined) fields.cause = plain(cause, depth + 1, seen);
  const errors = innerErrors(error);
  if (errors !== undefined) fields.errors = errors.map((value) => plain(value, depth + 2, seen));
  // Of an error that the format has written these stand in the line already; of a cause nothing does.
  if (depth > 1) for (const [key, value] of errorsAmong(error)) fields[key] ??= plain(value, depth + 2, seen);
  return fields;
}

/** The stack, and those of its causes and inner errors, as Java and log4j print them below each other. */
export function stacks(error: Error, depth: number = 1): readonly string[] {
  const stack = read(error, 'stack');
  const own = typeof stack === 'string' && stack !== '' ? stack : title(error);
  if (depth >= maxDepth) return [own];
  const cause = read(error, 'cause');
  const inner = [...(innerErrors(error) ?? []), ...errorsAmong(error).map(([, value]) => value)];
  const below = [
    ...(isError(cause) ? stacks(cause, depth + 1) : []),
    ...inner.filter(isError).flatMap((value) => stacks(value, depth + 2)),
  ];
  // An error's `original` and `parent` are often the same.
  return [...new Set([own, ...below])];
}

/** An error in words. */
export function title(error: Error): string {
  return `${String(read(error, 'name'))}: ${String(read(error, 'message'))}`;
}

/** An AggregateError's, or what another error has for errors in a field of that name. */
function innerErrors(error: Error): unknown[] | undefined {
  const errors = read(error, 'errors');
  if (!Array.isArray(errors)) return undefined;
  const list = errors.slice(0, maxErrors) as unknown[];
  const isAggregate = error instanceof AggregateError || read(error, 'name') === 'AggregateError';
  return isAggregate || list.some(isError) ? list.filter((value) => isAggregate || isError(value)) : undefined;
}

/** Fields of an error that are errors: what a database's driver said, say. */
function errorsAmong(error: Error): [string, Error][] {
  const found: [string, Error][] = [];
  for (const key of ownKeys(error)) {
    if (key === 'cause') continue;
    const value = read(error, key);
    if (isError(value) && found.length < maxErrors) found.push([key, value]);
  }
  return found;
}

/** A value as JSON can write it, errors in it included. */
function plain(value: unknown, depth: number, seen: Set<object>): unknown {
  if (isError(value)) return depth <= maxDepth ? errorFields(value, depth, seen) : title(value);
  // A value that comes again, around a circle say, is not looked into again.
  if (depth > maxDepth || !isContainer(value) || seen.has(value) || !holdsError(value)) return value;
  seen.add(value);
  if (Array.isArray(value)) return value.slice(0, maxErrors).map((entry) => plain(entry, depth + 1, seen));
  return Object.fromEntries(ownKeys(value).map((key) => [key, plain(read(value, key), depth + 1, seen)]));
}
