// A record as one line: what the logger's format made of it, with the errors that JSON loses put back.
//
// JSON.stringify() of an Error gives its enumerable fields alone, so under winston's default format `logger.error(err)` is
// {"level":"error"}, and a field `err` is {}. Put back are name, message, stack, code, cause and an AggregateError's errors,
// each where the format wrote something else for the error, and never over what it wrote: a format that redacts keeps its
// word, and every byte of its own stays. Text gets what log4j's layouts append: the stacks, unless the line has them.

import { configure } from 'safe-stable-stringify';
import { stacks } from './error-fields.ts';
import { isError } from './error-recognition.ts';
import { lineWithErrors, type RecordErrors } from './line-errors.ts';
import { ownKeys, read } from './property.ts';
import { allErrors, argumentErrors, holdsError } from './record-errors.ts';

const messageSymbol = Symbol.for('message');

/**
 * Never throws.
 *
 * @param source the record as the logger gave it, of which `info` is a copy that was formatted, or lacks what is hidden
 * @param format 'none': as JSON, whatever the logger's format has made of it
 */
export function recordLine(info: unknown, source: unknown = info, format: 'its own' | 'none' = 'its own'): string {
  const written = format === 'none' ? undefined : read(info, messageSymbol);
  // Without a finalizing format (json, simple, printf …) there is no line.
  const line = typeof written === 'string' ? written : plainJson(info);
  if (typeof info !== 'object' || info === null) return line;
  const splat = argumentErrors(source);
  // A format that makes a new object of an error keeps nothing of it.
  const origin = isError(source) && !isError(info) ? source : undefined;
  if (splat.length === 0 && origin === undefined && !holdsError(info)) return line;
  return withErrors(line, info, splat, origin);
}

/** As JSON, bigints as strings, circles as "[Circular]", what cannot be read as "[unreadable]", errors whole. Never throws. */
export function json(value: unknown): string {
  const text = plainJson(value);
  return typeof value === 'object' && value !== null && holdsError(value)
    ? withErrors(text, value, [], undefined)
    : text;
}

function withErrors(line: string, info: object, splat: readonly Error[], origin: Error | undefined): string {
  try {
    return lineWithErrors(line, { info, splat, origin }, plainJson) ?? textWithErrors(line, { info, splat, origin });
  } catch {
    return line;
  }
}

function textWithErrors(line: string, { info, splat, origin }: RecordErrors): string {
  let text = line;
  for (const error of new Set([...(origin === undefined ? [] : [origin]), ...splat, ...allErrors(info)])) {
    const all = stacks(error);
    const missing = all.filter((stack) => !isShown(stack, text));
    if (missing.length === 0) continue;
    if (!text.endsWith('\n')) text += '\n';
    text += `${missing[0] === all[0] ? '' : 'Caused by: '}${missing.join('\nCaused by: ')}`;
  }
  return text;
}

/** Its first line, and its first frame, however the format has indented them. */
function isShown(stack: string, text: string): boolean {
  return stack.split('\n', 2).every((part) => text.includes(part.trim()));
}

const stringify = configure({ deterministic: false });

// As winston's own json format has it.
function bigintAsString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function plainJson(value: unknown): string {
  try {
    return stringify(value, bigintAsString) ?? 'null';
  } catch {
    return jsonByField(value);
  }
}

/** A getter or toJSON() threw somewhere: the other fields are kept. */
function jsonByField(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '"[unreadable]"';
  const members: string[] = [];
  const keys = ownKeys(value);
  // A proxy whose traps throw has no keys either.
  if (keys.length === 0) return isError(value) ? '{}' : '"[unreadable]"';
  for (const key of keys) {
    const name = JSON.stringify(key);
    try {
      const text = stringify((value as Record<string, unknown>)[key], bigintAsString);
      if (text !== undefined) members.push(`${name}:${text}`);
    } catch {
      members.push(`${name}:"[unreadable]"`);
    }
  }
  return `{${members.join(',')}}`;
}
