// Finds fields of a JSON object in its bytes without parsing it: some ten times faster than JSON.parse, and the values keep
// the digits and the spelling that they have in the line.
//
//   object := '{' [ string ':' value { ',' string ':' value } ] '}'
//   value  := string | '{' … '}' | '[' … ']' | anything up to ',' or '}'

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;

// The role of a byte outside of strings, one look-up instead of four comparisons; 0: none.
const quotes = 1;
const opens = 2;
const closes = 3;
const separates = 4;
const roles = new Uint8Array(256);
roles[quote] = quotes;
roles[braceOpen] = roles[bracketOpen] = opens;
roles[braceClose] = roles[bracketClose] = closes;
for (const byte of [comma, 0x20, 0x09, 0x0a, 0x0d]) roles[byte] = separates;

export class FieldScanner {
  readonly #keys: readonly string[];
  readonly #keyBytes: readonly Buffer[];
  /** Per key, where its value starts, or -1, and where it ends: of the last such field, and of the first. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #firstStarts: Int32Array;
  readonly #firstEnds: Int32Array;
  /** The string that was skipped last has escapes. */
  #escaped = false;

  /**
   * @param keys what to look for at the object's top level; slots below are indexes in this list
   * @param firsts of so many of them firstStart() is asked for. @default 0
   */
  constructor(keys: readonly string[], firsts = 0) {
    this.#keys = keys;
    this.#keyBytes = keys.map((key) => Buffer.from(key));
    this.#starts = new Int32Array(keys.length);
    this.#ends = new Int32Array(keys.length);
    this.#firstStarts = new Int32Array(firsts);
    this.#firstEnds = new Int32Array(firsts);
  }

  /** Where the value in a slot starts after scan(), or -1 where there is none. Of equal keys the last counts. */
  start(slot: number): number {
    return this.#starts[slot] as number;
  }

  /** Where it ends. */
  end(slot: number): number {
    return this.#ends[slot] as number;
  }

  /** As start(), but of equal keys the first counts. */
  firstStart(slot: number): number {
    return this.#firstStarts[slot] as number;
  }

  firstEnd(slot: number): number {
    return this.#firstEnds[slot] as number;
  }

  /**
   * Scans the object from `from` up to `to`, or what is left of one: `from` may be at a comma between two fields.
   *
   * @param last where the last field starts, at its comma, that is of interest
   * @returns false, and nothing found, where this is no JSON object; what stands within a value is not judged
   */
  scan(bytes: Buffer, from: number, to: number, last: number = to): boolean {
    this.clear();
    if (this.#scan(bytes, from, to, last)) return true;
    this.clear();
    return false;
  }

  /** Nothing is found. */
  clear(): void {
    for (let slot = 0; slot < this.#starts.length; slot++) this.#starts[slot] = -1;
    for (let slot = 0; slot < this.#firstStarts.length; slot++) this.#firstStarts[slot] = -1;
  }

  #scan(bytes: Buffer, from: number, to: number, last: number): boolean {
    let at = skipSpace(bytes, from, to);
    if (bytes[at] === braceOpen) {
      const next = skipSpace(bytes, at + 1, to);
      if (bytes[next] === braceClose) at = next;
    } else if (bytes[at] !== comma && bytes[at] !== braceClose) {
      return false;
    }
    while (at < to && bytes[at] !== braceClose) {
      if (at > last) return true;
      const keyStart = skipSpace(bytes, at + 1, to) + 1;
      if (keyStart > to || bytes[keyStart - 1] !== quote) return false;
      this.#escaped = false;
      const keyEnd = this.#skipString(bytes, keyStart, to) - 1;
      const keyEscaped = this.#escaped;
      at = skipSpace(bytes, keyEnd + 1, to);
      if (at >= to || bytes[at] !== colon) return false;
      const start = skipSpace(bytes, at + 1, to);
      const end = this.#skipValue(bytes, start, to);
      if (end <= start) return false;
      const slot = keyEscaped ? this.#escapedSlot(bytes, keyStart, keyEnd) : this.#slot(bytes, keyStart, keyEnd);
      if (slot !== -1) {
        this.#starts[slot] = start;
        this.#ends[slot] = end;
        // Beyond the end of those that are asked for it is undefined.
        if (this.#firstStarts[slot] === -1) {
          this.#firstStarts[slot] = start;
          this.#firstEnds[slot] = end;
        }
      }
      at = skipSpace(bytes, end, to);
      if (at >= to || (bytes[at] !== comma && bytes[at] !== braceClose)) return false;
    }
    return at < to && skipSpace(bytes, at + 1, to) === to;
  }

  #slot(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    for (let slot = 0; slot < this.#keyBytes.length; slot++) {
      const key = this.#keyBytes[slot] as Buffer;
      if (key.length !== length) continue;
      let same = 0;
      while (same < length && key[same] === bytes[start + same]) same += 1;
      if (same === length) return slot;
    }
    return -1;
  }

  #escapedSlot(bytes: Buffer, start: number, end: number): number {
    const key = parsed(bytes, start - 1, end + 1);
    return typeof key === 'string' ? this.#keys.indexOf(key) : -1;
  }

  /** @returns the place behind the closing quote, or `to + 1` where there is none */
  #skipString(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      if (byte === backslash) {
        this.#escaped = true;
        at += 1;
      }
    }
    return to + 1;
  }

  /** @returns the place behind the value, or -1 where it does not end */
  #skipValue(bytes: Buffer, from: number, to: number): number {
    const first = bytes[from];
    let at = from;
    if (first === quote) {
      at = this.#skipString(bytes, from + 1, to);
      return at > to ? -1 : at;
    }
    if (first !== braceOpen && first !== bracketOpen) {
      while (at < to && (roles[bytes[at] as number] as number) < closes) at += 1;
      return at;
    }
    for (let depth = 0; at < to; ) {
      const role = roles[bytes[at] as number];
      at += 1;
      if (role === quotes) at = this.#skipString(bytes, at, to);
      else if (role === opens) depth += 1;
      else if (role === closes && --depth === 0) return at;
    }
    return -1;
  }
}

/** The JSON value in these bytes, or undefined where there is none. */
export function parsed(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}

/**
 * The content of a JSON value: the text of a string, numbers and the rest as they stand there, nothing for null.
 *
 * @returns bytes, which are a view, unless a string had escapes
 */
export function contents(bytes: Buffer, start: number, end: number): Buffer | string | undefined {
  if (bytes[start] !== quote) return bytes[start] === 0x6e ? undefined : bytes.subarray(start, end);
  for (let at = start + 1; at < end - 1; at++) {
    if (bytes[at] !== backslash) continue;
    const text = parsed(bytes, start, end);
    return typeof text === 'string' ? text : undefined;
  }
  return bytes.subarray(start + 1, end - 1);
}

function skipSpace(bytes: Buffer, from: number, to: number): number {
  let at = from;
  // Everything but space is above it in loggers' lines.
  while (at < to && (bytes[at] as number) <= 0x20 && roles[bytes[at] as number] === separates) at += 1;
  return at;
}
