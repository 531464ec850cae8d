// Hides fields in text that is no JSON object as a whole: a line with a prefix, several objects, one that was cut or written
// wrongly. Where a field stands there nobody can say, so each is looked for by its name, at any depth, and more is hidden
// rather than less.

import { redactionPath } from './redaction-paths.ts';

/** From where to where the text is hidden. */
export type Hidden = readonly [start: number, end: number];

export class TextSearch {
  /** Each with what is between the name and the value; undefined where a path has no name that could be looked for. */
  readonly #names: readonly RegExp[] | undefined;

  /** @param paths right ones, see `redactionPath()` */
  constructor(paths: readonly string[]) {
    const names = paths.map((path) => lastName(redactionPath(path) ?? []));
    if (names.every((name) => name !== undefined)) this.#names = [...new Set(names)].map(pattern);
  }

  /** @returns undefined where it cannot be said what is to be hidden */
  find(bytes: Buffer): Hidden[] | undefined {
    // A character for each byte.
    const text = bytes.toString('latin1');
    if (this.#names === undefined) return /\S/.test(text) ? undefined : [];
    // No logger writes a letter so, and a name may be written so.
    if (/\\u00[2-7]/i.test(text)) return undefined;
    return this.#names.flatMap((name) => Array.from(text.matchAll(name), (found) => valueAt(text, found)));
  }
}

/** The name that stands last in a path, before `*` and indexes: what is below it is hidden with it. */
function lastName(keys: readonly string[]): string | undefined {
  return keys.findLast((key) => key !== '*' && !/^\d+$/.test(key));
}

/** A name in the spellings of JSON, of JSON within JSON, of logfmt and of Node's inspect(), in bytes. */
function pattern(name: string): RegExp {
  const inJson = JSON.stringify(name).slice(1, -1);
  const inAscii = inJson.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const spellings = new Set([name, inJson, inJson.replaceAll('/', '\\/'), inAscii, inAscii.replaceAll('/', '\\/')]);
  const words = [...spellings].map((spelling) =>
    Buffer.from(spelling)
      .toString('latin1')
      .replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
      // In JSON within JSON, and the digits of an escape in either case.
      .replaceAll('\\\\', '\\\\+')
      .replace(/u[\da-f]{4}/g, (digits) => digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)),
  );
  return new RegExp(`(?<![\\w$\\x80-\\xff])(?:${words.join('|')})\\\\*["'\`]?[ \\t]*[:=][ \\t]*`, 'g');
}

/** The value behind a name: a string or a word of JSON, or else all that follows. */
function valueAt(text: string, { index = 0, 0: found }: RegExpMatchArray): Hidden {
  const start = index + found.length;
  const rest = text.slice(start);
  const [opening, slashes = ''] = /^(\\*)"/.exec(rest) ?? [];
  const length = opening === undefined ? wordLength(rest) : stringLength(rest, opening.length, slashes.length);
  return [start, length === undefined ? text.length : start + length];
}

function wordLength(rest: string): number | undefined {
  return /^(?:-?\d[\d.eE+-]*|true|false|null)(?=[,}\]\s]|$)/.exec(rest)?.[0].length;
}

/** @param slashes how many stand before each quote; within the string there are more */
function stringLength(rest: string, from: number, slashes: number): number | undefined {
  for (let at = rest.indexOf('"', from); at !== -1; at = rest.indexOf('"', at + 1)) {
    let before = 0;
    while (rest[at - 1 - before] === '\\' && at - 1 - before >= from) before += 1;
    // Of twice as many each pair is a backslash of the string's own.
    const isEnd = slashes === 0 ? before % 2 === 0 : before === slashes;
    if (!isEnd) continue;
    // A text that goes on otherwise was not written as JSON, and where it ends nobody can say.
    return /^(?:[,}\]\s]|\\*"?[,}\]]|$)/.test(rest.slice(at + 1)) ? at + 1 : undefined;
  }
  return undefined;
}
