// Hides named fields of a record before anything of it leaves the process: in the object that a logger hands over, and in the
// line that it wrote.

import { FlumeError } from '../errors.ts';
import { hiddenInJson, pathText, withoutHidden } from './json-redaction.ts';
import { copyOf } from './record-copy.ts';
import { censor, childOf, type RedactionNode, redactionTree } from './redaction-paths.ts';
import { TextSearch } from './text-redaction.ts';

/** The values that were hidden in a record. */
export class HiddenFields {
  readonly paths = new Set<string>();
  /** Their values as JSON has them, but for those that are too short to be found by. */
  readonly texts: string[] = [];

  add(keys: readonly string[], value: unknown): void {
    this.paths.add(pathText(keys));
    this.#addTexts(value, 0);
  }

  #addTexts(value: unknown, depth: number): void {
    if (this.texts.length >= maxTexts) return;
    if (typeof value === 'string') {
      if (value.length >= shortestText) this.texts.push(JSON.stringify(value).slice(1, -1));
    } else if (typeof value === 'object' && value !== null && depth < maxDepth) {
      for (const inner of Object.values(value)) this.#addTexts(inner, depth + 1);
    }
  }
}

const shortestText = 6;
const maxTexts = 100;
const maxDepth = 4;

export class Redaction {
  readonly #tree: RedactionNode;
  readonly #search: TextSearch;
  #onNotice: (notice: FlumeError) => void = () => {};
  /** Lines that were no JSON object as a whole, in which fields were hidden by their names. */
  redactedByName = 0;
  /** Lines of which it could not be said what is to be hidden: all of it was. */
  withheld = 0;

  /** @param paths right ones, see `redactionPath()` */
  constructor(paths: readonly string[]) {
    this.#tree = redactionTree(paths);
    this.#search = new TextSearch(paths);
  }

  /** @param listener hears of the first line that had to be searched, and of the first that was withheld */
  onNotice(listener: (notice: FlumeError) => void): void {
    this.#onNotice = listener;
  }

  /**
   * The line with what is hidden in it, the very same bytes where nothing is. In what is no JSON object as a whole fields are
   * looked for by their names; where that is of no use nothing is left of it.
   */
  line(bytes: Buffer): Buffer {
    const { hidden, isWhole } = hiddenInJson(bytes, this.#tree);
    if (isWhole) return withoutHidden(bytes, hidden);
    const found = this.#search.find(bytes);
    if (found === undefined) {
      this.withheld += 1;
      if (this.withheld === 1) this.#tell('a line is no JSON object, and is withheld: only [redacted] is sent of it');
      return Buffer.from(censor);
    }
    const safe = withoutHidden(bytes, [...hidden, ...found]);
    if (safe !== bytes) {
      this.redactedByName += 1;
      if (this.redactedByName === 1) this.#tell('a line is no JSON object: fields are hidden in it by their names');
    }
    return safe;
  }

  /** Text in which a record's fields may have been written, with what is hidden in it; the very same where nothing is. */
  text(text: string): string {
    const bytes = Buffer.from(text);
    const found = this.#search.find(bytes);
    return found === undefined ? censor : found.length === 0 ? text : withoutHidden(bytes, found).toString();
  }

  /**
   * The line of a record with what is hidden in it.
   *
   * @param fields what was hidden in the record
   * @returns undefined where not all of that was found, or some of it stands elsewhere too: the line cannot be sent
   */
  lineOf({ paths, texts }: HiddenFields, bytes: Buffer): Buffer | undefined {
    if (paths.size === 0) return this.line(bytes);
    const found = new Set<string>();
    const { hidden, isWhole } = hiddenInJson(bytes, this.#tree, found);
    if (!isWhole || ![...paths].every((path) => found.has(path))) return undefined;
    const safe = withoutHidden(bytes, hidden);
    return texts.some((text) => safe.includes(text)) ? undefined : safe;
  }

  #tell(what: string): void {
    this.#onNotice(new FlumeError('FLUME_NOTICE', `redact: ${what}`));
  }

  /**
   * A copy of the record with what is hidden in it, the very same record where nothing is. Never throws.
   *
   * @param hidden gets what is hidden
   */
  record(record: unknown, hidden?: HiddenFields): unknown {
    try {
      return redacted(record, this.#tree, hidden === undefined ? undefined : { hidden, keys: [] });
    } catch {
      hidden?.add([], undefined);
      // A getter or a proxy that throws: nothing of it can be trusted.
      return censor;
    }
  }
}

interface Trail {
  readonly hidden: HiddenFields;
  /** To where it is. */
  readonly keys: string[];
}

function redacted(given: unknown, node: RedactionNode, trail: Trail | undefined): unknown {
  if (node.isHidden) {
    trail?.hidden.add(trail.keys, given);
    return censor;
  }
  const value = asWritten(given);
  if (typeof value !== 'object' || value === null) return given;
  let copy: object | undefined;
  for (const key of node.any === undefined ? node.children.keys() : Object.keys(value)) {
    const child = Object.hasOwn(value, key) ? childOf(node, key) : undefined;
    if (child === undefined) continue;
    const field = (value as Record<string, unknown>)[key];
    trail?.keys.push(key);
    const safe = redacted(field, child, trail);
    trail?.keys.pop();
    if (safe === field) continue;
    copy ??= copyOf(value);
    Object.defineProperty(copy, key, { value: safe, enumerable: true, configurable: true, writable: true });
  }
  return copy ?? given;
}

/** The object that JSON takes in place of one with toJSON(). */
function asWritten(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === 'function' ? toJSON.call(value) : value;
}
