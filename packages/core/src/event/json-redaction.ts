// Hides values in JSON without parsing it: what is not hidden keeps its bytes, so also digits that no number of JavaScript
// has, and fields of the same name.
//
//   value  := string | '{' [ string ':' value { ',' string ':' value } ] '}' | '[' [ value { ',' value } ] ']' | a word
//
// Text that ends too early, as of a process that was killed, is hidden as far as it goes.

import { censor, childOf, type RedactionNode } from './redaction-paths.ts';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const bracketOpen = 0x5b;
const backslash = 0x5c;
const bracketClose = 0x5d;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const space = 0x20;

const censorBytes = Buffer.from(JSON.stringify(censor));

/** The JSON with what is hidden in it, the very same bytes where nothing is. */
export function redactedJson(bytes: Buffer, root: RedactionNode): Buffer {
  const walk = new Walk(bytes);
  walk.value(root);
  if (walk.hidden.length === 0) return bytes;
  const parts: Buffer[] = [];
  let kept = 0;
  for (const [start, end] of walk.hidden) {
    parts.push(bytes.subarray(kept, start), censorBytes);
    kept = end;
  }
  return Buffer.concat([...parts, bytes.subarray(kept)]);
}

class Walk {
  /** Where each hidden value starts and ends. */
  readonly hidden: (readonly [start: number, end: number])[] = [];
  readonly #bytes: Buffer;
  #at = 0;
  /** The string that was skipped last has escapes. */
  #isEscaped = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Goes behind the value that comes next. */
  value(node: RedactionNode | undefined): void {
    this.#skipSpace();
    const start = this.#at;
    const first = this.#bytes[start];
    if (node === undefined) this.#skipValue();
    else if (node.isHidden) {
      this.#skipValue();
      if (this.#at > start) this.hidden.push([start, this.#at]);
    } else if (first === braceOpen) this.#object(node);
    else if (first === bracketOpen) this.#array(node);
    else this.#skipValue();
  }

  #object(node: RedactionNode): void {
    this.#at += 1;
    for (;;) {
      this.#skipSpace();
      if (this.#bytes[this.#at] !== quote) break;
      const start = this.#at;
      this.#skipString();
      const child = this.#child(node, start + 1, this.#at - 1);
      this.#skipSpace();
      if (this.#bytes[this.#at] !== colon) break;
      this.#at += 1;
      this.value(child);
      if (!this.#next()) break;
    }
    this.#close(braceClose);
  }

  #array(node: RedactionNode): void {
    this.#at += 1;
    for (let index = 0; this.#at < this.#bytes.length; index++) {
      this.#skipSpace();
      if (this.#bytes[this.#at] === bracketClose) break;
      this.value(childOf(node, String(index)));
      if (!this.#next()) break;
    }
    this.#close(bracketClose);
  }

  /** @returns whether another one follows */
  #next(): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== comma) return false;
    this.#at += 1;
    return true;
  }

  /** What is no JSON from here on is not looked at. */
  #close(bracket: number): void {
    if (this.#bytes[this.#at] === bracket) this.#at += 1;
    else this.#at = this.#bytes.length;
  }

  /** What is hidden below the key that stands there. */
  #child(node: RedactionNode, start: number, end: number): RedactionNode | undefined {
    const bytes = this.#bytes;
    if (this.#isEscaped) return childOf(node, textOf(bytes.toString('utf8', start, end)));
    for (const { key, node: child } of node.byBytes) {
      if (key.length !== end - start) continue;
      let same = 0;
      while (same < key.length && key[same] === bytes[start + same]) same += 1;
      if (same === key.length) return child;
    }
    return node.any;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    while (this.#at < bytes.length && (bytes[this.#at] as number) <= space) this.#at += 1;
  }

  #skipString(): void {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.#at + 1;
    this.#isEscaped = false;
    for (; at < length; at++) {
      const byte = bytes[at];
      if (byte === quote) break;
      if (byte === backslash) {
        this.#isEscaped = true;
        at += 1;
      }
    }
    this.#at = Math.min(at + 1, length);
  }

  #skipValue(): void {
    const bytes = this.#bytes;
    const { length } = bytes;
    let depth = 0;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at] as number;
      if (byte === quote) {
        this.#at = at;
        this.#skipString();
        at = this.#at;
        if (depth === 0) break;
        continue;
      }
      const isEnd = byte === braceClose || byte === bracketClose;
      if (depth === 0 && (isEnd || byte === comma || byte <= space)) break;
      at += 1;
      if (byte === braceOpen || byte === bracketOpen) depth += 1;
      else if (isEnd && --depth === 0) break;
    }
    this.#at = at;
  }
}

/** What a string with escapes says, without its quotes; as it stands there where that is nothing. */
function textOf(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
