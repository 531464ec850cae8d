// Hides values in JSON without parsing it: what is not hidden keeps its bytes, so also digits that no number of JavaScript
// has, and fields of the same name.
//
//   value  := string | '{' [ string ':' value { ',' string ':' value } ] '}' | '[' [ value { ',' value } ] ']' | a word
//
// Text that ends too early, as of a process that was killed, is hidden as far as it goes, and known for what it is.

import { censor, childOf, type RedactionNode } from './redaction-paths.ts';
import type { Hidden } from './text-redaction.ts';

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

/** A find in JSON. */
export interface HiddenInJson {
  /** Where each hidden value starts and ends, in order. */
  readonly hidden: readonly Hidden[];
  /** The bytes are one object from their beginning to their end, so that all that is to be hidden was found. */
  readonly isWhole: boolean;
}

/** @param paths gets the path of each value that is hidden, see `pathText()` */
export function hiddenInJson(bytes: Buffer, root: RedactionNode, paths?: Set<string>): HiddenInJson {
  const walk = new Walk(bytes, paths);
  return { isWhole: walk.whole(root), hidden: walk.hidden };
}

/** A path as one text. */
export const pathText = (keys: readonly string[]): string => JSON.stringify(keys);

/** The bytes without what is hidden, the very same where nothing is. @param hidden in any order, also one over the other */
export function withoutHidden(bytes: Buffer, hidden: readonly Hidden[]): Buffer {
  if (hidden.length === 0) return bytes;
  const parts: Buffer[] = [];
  let kept = 0;
  for (const [start, end] of [...hidden].sort(([one], [other]) => one - other)) {
    if (start >= kept) parts.push(bytes.subarray(kept, start), censorBytes);
    kept = Math.max(kept, end);
  }
  return Buffer.concat([...parts, bytes.subarray(kept)]);
}

class Walk {
  readonly hidden: Hidden[] = [];
  readonly #bytes: Buffer;
  readonly #paths: Set<string> | undefined;
  /** The keys to where it is, where paths are asked for. */
  readonly #keys: string[] = [];
  #at = 0;
  #isBroken = false;
  /** The string that was skipped last has escapes. */
  #isEscaped = false;

  constructor(bytes: Buffer, paths: Set<string> | undefined) {
    this.#bytes = bytes;
    this.#paths = paths;
  }

  /** @returns whether it is one object and nothing else */
  whole(root: RedactionNode): boolean {
    this.#skipSpace();
    const isObject = this.#bytes[this.#at] === braceOpen;
    this.value(root);
    const isClosed = this.#bytes[this.#at - 1] === braceClose && !this.#isBroken;
    this.#skipSpace();
    return isObject && isClosed && this.#at === this.#bytes.length;
  }

  /** Goes behind the value that comes next. */
  value(node: RedactionNode | undefined): void {
    this.#skipSpace();
    const start = this.#at;
    const first = this.#bytes[start];
    if (node === undefined) this.#skipValue();
    else if (node.isHidden) {
      this.#skipValue();
      if (this.#at > start) {
        this.hidden.push([start, this.#at]);
        this.#paths?.add(pathText(this.#keys));
      }
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
      if (this.#paths !== undefined) this.#keys.push(textOf(this.#bytes.toString('utf8', start + 1, this.#at - 1)));
      this.#skipSpace();
      if (this.#bytes[this.#at] !== colon) break;
      this.#at += 1;
      this.value(child);
      this.#keys.pop();
      if (!this.#next()) break;
      this.#skipSpace();
      // A comma too many.
      if (this.#bytes[this.#at] !== quote) this.#isBroken = true;
    }
    this.#close(braceClose);
  }

  #array(node: RedactionNode): void {
    this.#at += 1;
    for (let index = 0; this.#at < this.#bytes.length; index++) {
      this.#skipSpace();
      if (this.#bytes[this.#at] === bracketClose) break;
      this.#keys.push(String(index));
      this.value(childOf(node, String(index)));
      this.#keys.pop();
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

  /** Text that is no JSON from here on is not looked at. */
  #close(bracket: number): void {
    if (this.#bytes[this.#at] === bracket) {
      this.#at += 1;
      return;
    }
    this.#at = this.#bytes.length;
    this.#isBroken = true;
  }

  /** The hidden paths below the key that stands there. */
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

/** The text of a string with escapes, without its quotes; as it stands there where that is nothing. */
function textOf(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
