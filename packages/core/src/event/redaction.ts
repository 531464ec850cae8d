// Hides named fields of a record before anything of it leaves the process: in the object that a logger hands over, and in the
// line that it wrote.

import { redactedJson } from './json-redaction.ts';
import { censor, childOf, type RedactionNode, redactionTree } from './redaction-paths.ts';

export class Redaction {
  readonly #tree: RedactionNode;

  /** @param paths right ones, see `redactionPath()` */
  constructor(paths: readonly string[]) {
    this.#tree = redactionTree(paths);
  }

  /** The line with what is hidden in it, the very same bytes where nothing is. What is no JSON is left as it is. */
  line(bytes: Buffer): Buffer {
    return redactedJson(bytes, this.#tree);
  }

  /** A copy of the record with what is hidden in it, the very same record where nothing is. Never throws. */
  record(record: unknown): unknown {
    try {
      return redacted(record, this.#tree);
    } catch {
      // A getter or a proxy that throws: nothing of it can be trusted.
      return censor;
    }
  }
}

function redacted(value: unknown, node: RedactionNode): unknown {
  if (node.isHidden) return censor;
  if (typeof value !== 'object' || value === null) return value;
  let copy: object | undefined;
  for (const key of node.any === undefined ? node.children.keys() : Object.keys(value)) {
    const child = Object.hasOwn(value, key) ? childOf(node, key) : undefined;
    if (child === undefined) continue;
    const field = (value as Record<string, unknown>)[key];
    const safe = redacted(field, child);
    if (safe === field) continue;
    copy ??= copyOf(value);
    Object.defineProperty(copy, key, { value: safe, enumerable: true, configurable: true, writable: true });
  }
  return copy ?? value;
}

/** With everything that is no plain field too, such as winston's symbols and the stack of an error. */
function copyOf(value: object): object {
  if (Array.isArray(value)) return [...(value as unknown[])];
  return Object.create(
    Object.getPrototypeOf(value) as object | null,
    Object.getOwnPropertyDescriptors(value),
  ) as object;
}
