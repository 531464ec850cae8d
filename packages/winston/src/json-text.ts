// Where the members of an object, or the elements of an array, stand in a text that is JSON: so that something can be put in
// there, and every other byte stays as its writer wrote it.

/** A value in the text: from its first character, up to the one behind its last. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A text instead of the one from `at` to `end`. */
export interface Edit {
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

/** The value that the whole text is. */
export function wholePlace(text: string): Place {
  const start = skipSpace(text, 0);
  return { start, end: endOfValue(text, start) };
}

/** The members of the object that begins at `start`, by name; of one that stands there twice, the last, as for JSON.parse(). */
export function members(text: string, start: number): Map<string, Place> {
  const found = new Map<string, Place>();
  let at = skipSpace(text, start + 1);
  while (text[at] === '"') {
    const keyEnd = endOfString(text, at);
    const key = text.slice(at + 1, keyEnd - 1);
    const value = placeAt(text, skipSpace(text, keyEnd) + 1);
    found.set(key.includes('\\') ? (JSON.parse(text.slice(at, keyEnd)) as string) : key, value);
    at = next(text, value.end);
  }
  return found;
}

/** The elements of the array that begins at `start`. */
export function elements(text: string, start: number): Place[] {
  const found: Place[] = [];
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] !== ']') {
    const value = placeAt(text, at);
    found.push(value);
    at = next(text, value.end);
  }
  return found;
}

/** The text with all edits, none of which overlaps another. */
export function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.at - b.at)) {
    result += text.slice(at, edit.at) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

function placeAt(text: string, from: number): Place {
  const start = skipSpace(text, from);
  return { start, end: endOfValue(text, start) };
}

/** Behind a value: over the comma, to what comes then. */
function next(text: string, end: number): number {
  const at = skipSpace(text, end);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

const structural = /["[\]{}]/g;
const scalarEnd = /[,\]}\s]|$/g;

function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') {
    scalarEnd.lastIndex = start;
    return scalarEnd.exec(text)?.index ?? text.length;
  }
  let depth = 0;
  structural.lastIndex = start;
  for (let found = structural.exec(text); found !== null; found = structural.exec(text)) {
    const [sign] = found;
    if (sign === '"') structural.lastIndex = endOfString(text, found.index);
    else depth += sign === '{' || sign === '[' ? 1 : -1;
    if (depth === 0) return structural.lastIndex;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at === -1 ? text.length : at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
