// A record as one line: what the logger's format made of it, with the errors that JSON loses put back.
//
// JSON.stringify() of an Error gives its enumerable fields alone, so under winston's default format `logger.error(err)` is
// {"level":"error"}, and a field `err` is {}. Put back are name, message, stack, code, cause and an AggregateError's errors,
// each where the format wrote something else for the error, and never over what it wrote: a format that redacts keeps its
// word. Text gets what log4j's layouts append: the stack, with its causes, unless the line has it.

import { configure } from 'safe-stable-stringify';
import { errorFields, stackText } from './error-fields.ts';

const messageSymbol = Symbol.for('message');

/** Never throws. @param format 'none': as JSON, whatever the logger's format has made of it */
export function recordLine(info: unknown, format: 'its own' | 'none' = 'its own'): string {
  let line: unknown;
  try {
    line = (info as { [messageSymbol]?: unknown } | undefined)?.[messageSymbol];
    // Without a finalizing format (json, simple, printf …) there is no line.
    if (typeof line !== 'string' || format === 'none') line = json(info);
    return holdsError(info, 1) ? withErrors(line as string, info as object) : (line as string);
  } catch {
    return typeof line === 'string' ? line : json(info);
  }
}

/** As JSON, bigints as strings, circles as "[Circular]", and what cannot be read as "[unreadable]". Never throws. */
export function json(value: unknown): string {
  try {
    const plain = value instanceof Error ? Object.assign({}, value, errorFields(value)) : value;
    return stringify(plain, bigintAsString) ?? 'null';
  } catch {
    return jsonByField(value);
  }
}

const stringify = configure({ deterministic: false });

// As winston's own json format has it.
function bigintAsString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

/** A getter or toJSON() threw somewhere: the other fields are kept. */
function jsonByField(value: unknown): string {
  const fields: Record<string, unknown> = {};
  try {
    for (const key of Object.keys(value as object)) {
      try {
        const text = stringify((value as Record<string, unknown>)[key], bigintAsString);
        if (text !== undefined) fields[key] = JSON.parse(text);
      } catch {
        fields[key] = '[unreadable]';
      }
    }
    return JSON.stringify(fields);
  } catch {
    return '"[unreadable]"';
  }
}

/**
 * The record is an error, or has one among its fields, or in a plain object there (as `format.metadata()` and
 * express-winston put them). On the path of every record, so no more than this.
 */
function holdsError(value: unknown, depth: number): boolean {
  if (value instanceof Error) return true;
  for (const key in value as object) {
    const field = (value as Record<string, unknown>)[key];
    if (typeof field !== 'object' || field === null) continue;
    if (field instanceof Error) return true;
    if (depth > 0 && isPlain(field) && holdsError(field, depth - 1)) return true;
  }
  return false;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function withErrors(line: string, info: object): string {
  const written = parsedObject(line);
  if (written === undefined) return textWithErrors(line, info);
  return stringify(restored(written, info, 1), bigintAsString) as string;
}

function parsedObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** What the format wrote of an object or error, with the errors put back. */
function restored(written: unknown, original: object, depth: number): unknown {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return written;
  const result: Record<string, unknown> = { ...written };
  for (const [key, field] of Object.entries(original)) {
    if (typeof field !== 'object' || field === null || !Object.hasOwn(result, key)) continue;
    // winston's `message` is text, so an error there belongs to the record itself, as for format.errors().
    if (key === 'message' && field instanceof Error) {
      result[key] = field.message;
      addMissing(result, errorFields(field));
    } else if (field instanceof Error) {
      result[key] = restored(result[key], field, 0);
    } else if (depth > 0 && isPlain(field)) {
      result[key] = restored(result[key], field, depth - 1);
    }
  }
  if (original instanceof Error) addMissing(result, errorFields(original));
  return result;
}

function addMissing(result: Record<string, unknown>, fields: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fields)) if (!Object.hasOwn(result, key)) result[key] = value;
}

function textWithErrors(line: string, info: object): string {
  let text = line;
  for (const error of errorsOf(info, 1)) {
    const stack = stackText(error);
    // The error's own line and its first frame, however the format has indented them.
    const shown = stack.split('\n', 2).every((part) => text.includes(part.trim()));
    if (!shown) text += `${text.endsWith('\n') ? '' : '\n'}${stack}`;
  }
  return text;
}

function* errorsOf(value: object, depth: number): Generator<Error> {
  if (value instanceof Error) yield value;
  for (const field of Object.values(value)) {
    if (field instanceof Error) yield field;
    else if (depth > 0 && typeof field === 'object' && field !== null && isPlain(field))
      yield* errorsOf(field, depth - 1);
  }
}
