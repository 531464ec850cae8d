// Puts the errors of a record into the JSON line that a format made of it, where the format lost them.

import { errorFields, title } from './error-fields.ts';
import { isError } from './error-recognition.ts';
import { type Edit, edited, elements, members, type Place, wholePlace } from './json-text.ts';
import { ownKeys, read } from './property.ts';
import { holdsError, isContainer, maxDepth } from './record-errors.ts';

type Members = ReadonlyMap<string, Place>;

export interface RecordErrors {
  readonly info: object;
  /** Errors among the arguments of the call. */
  readonly splat: readonly Error[];
  /** The error that the record was before it was formatted. */
  readonly origin: Error | undefined;
}

/**
 * @param json writes a value
 * @returns undefined where the line is no JSON object or array
 */
export function lineWithErrors(
  line: string,
  errors: RecordErrors,
  json: (value: unknown) => string,
): string | undefined {
  if (!(line.startsWith('{') || line.startsWith('[')) || !isJson(line)) return undefined;
  const writer = new ErrorWriter(line, json);
  writer.record(errors);
  return edited(line, writer.edits);
}

class ErrorWriter {
  readonly edits: Edit[] = [];
  readonly #line: string;
  readonly #json: (value: unknown) => string;

  constructor(line: string, json: (value: unknown) => string) {
    this.#line = line;
    this.#json = json;
  }

  record({ info, splat, origin }: RecordErrors): void {
    const whole = wholePlace(this.#line);
    if (this.#line[whole.start] === '[') return this.#container(whole, info, 1);
    const root = this.#membersAt(whole);
    const home = this.#homeOf(root, whole, info);
    const added: Record<string, unknown> = {};
    for (const key of ownKeys(info)) {
      const value = read(info, key);
      const place = home.members.get(key) ?? this.#moved(root, key, info);
      if (place === undefined || !(isContainer(value) || isError(value))) continue;
      if (key !== 'message' || !isError(value)) {
        this.#value(place, value, 1);
        continue;
      }
      // winston's `message` is text, so an error there belongs to the record itself, as for format.errors().
      if (this.#line[place.start] === '{') {
        this.edits.push({ at: place.start, end: place.end, text: this.#json(String(read(value, 'message'))) });
      }
      addMissing(added, errorFields(value));
    }
    const itself = isError(info) ? info : origin;
    if (itself !== undefined) addMissing(added, errorFields(itself));
    const [first] = splat;
    const isMerged = first !== undefined && merges(info, first);
    if (isMerged) {
      const { name, errors } = errorFields(first);
      addMissing(added, { name, ...(errors !== undefined && { errors }) });
    }
    const others = [...new Set(isMerged ? splat.slice(1) : splat)].filter((error) => !isShown(info, error));
    if (others.length > 0) {
      const fields = others.map((error) => errorFields(error));
      added[home.members.has('error') ? 'splat' : 'error'] = fields.length === 1 ? fields[0] : fields;
    }
    this.#add(home.place, home.members, added);
  }

  /** A value that the format wrote at this place. */
  #value(place: Place, value: object, depth: number): void {
    if (depth > maxDepth || !(isError(value) || holdsError(value))) return;
    this.#container(place, value, depth);
  }

  #container(place: Place, value: object, depth: number): void {
    const isList = Array.isArray(value);
    if (this.#line[place.start] !== (isList ? '[' : '{')) return;
    const places = isList ? elements(this.#line, place.start) : this.#membersAt(place);
    for (const key of ownKeys(value)) {
      const inner = read(value, key);
      const at = Array.isArray(places) ? places[Number(key)] : places.get(key);
      if (at !== undefined && (isContainer(inner) || isError(inner))) this.#value(at, inner, depth + 1);
    }
    if (isError(value) && !Array.isArray(places)) this.#add(place, places, errorFields(value));
  }

  /** Behind the last member; what the object has already stays as it is. */
  #add(place: Place, written: Members, fields: Readonly<Record<string, unknown>>): void {
    const missing = Object.entries(fields).filter(([key]) => !written.has(key));
    if (missing.length === 0) return;
    const text = missing.map(([key, value]) => `${JSON.stringify(key)}:${this.#json(value)}`).join(',');
    const at = Math.max(place.start + 1, ...[...written.values()].map(({ end }) => end));
    this.edits.push({ at, end: at, text: written.size === 0 ? text : `,${text}` });
  }

  /** Where the format has put the record: the line itself, or an object of its own making in it (logstash's `@fields`). */
  #homeOf(root: Members, whole: Place, info: object): { readonly place: Place; readonly members: Members } {
    if (!root.has('level')) {
      for (const place of this.#madeByFormat(root, info)) {
        const inner = this.#membersAt(place);
        if (inner.has('level')) return { place, members: inner };
      }
    }
    return { place: whole, members: root };
  }

  /** A field that the format has moved into an object of its own making. */
  #moved(root: Members, key: string, info: object): Place | undefined {
    if (root.has(key)) return root.get(key);
    for (const place of this.#madeByFormat(root, info)) {
      const found = this.#membersAt(place).get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #madeByFormat(root: Members, info: object): Place[] {
    return [...root]
      .filter(([name, { start }]) => this.#line[start] === '{' && !Object.hasOwn(info, name))
      .map(([, place]) => place);
  }

  #membersAt({ start }: Place): Members {
    return members(this.#line, start);
  }
}

/** winston has put the error's message behind the record's, and its stack into it. */
function merges(info: object, error: Error): boolean {
  const stack = read(info, 'stack');
  const message = read(info, 'message');
  const suffix = read(error, 'message');
  return (
    (stack !== undefined && stack === read(error, 'stack')) ||
    (typeof message === 'string' && suffix !== '' && message.endsWith(` ${String(suffix)}`))
  );
}

/** It stands in a field, or `%s` has written it into the message with its stack. */
function isShown(info: object, error: Error): boolean {
  const message = read(info, 'message');
  if (typeof message === 'string') {
    const stack = read(error, 'stack');
    const shown = typeof stack === 'string' ? stack : title(error);
    if (shown.split('\n', 2).every((part) => message.includes(part.trim()))) return true;
  }
  return ownKeys(info).some((key) => read(info, key) === error);
}

function addMissing(result: Record<string, unknown>, fields: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fields)) if (!Object.hasOwn(result, key)) result[key] = value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
