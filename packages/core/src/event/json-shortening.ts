// Shortens a body that is one JSON object: its longest texts are cut, each to the same length, so that what arrives is JSON
// still, with every key in its place.

const quote = 0x22;
const backslash = 0x5c;
/** Texts of fewer bytes are left alone: what is long is to blame. */
const leastBytes = 64;

/** Where a text stands, without its quotes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** @returns undefined where it is no JSON object, or its texts are not what makes it long */
export function shortenedJson(json: Buffer, maxBytes: number): Buffer | undefined {
  if (json[0] !== 0x7b || !isJson(json)) return undefined;
  const texts = longTexts(json);
  const most = commonLength(texts, json.length - maxBytes);
  if (most === undefined) return undefined;
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end } of texts) {
    if (end - start <= most) continue;
    parts.push(json.subarray(at, cutAt(json, start, start + most)));
    at = end;
  }
  return Buffer.concat([...parts, json.subarray(at)]);
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}

/** The values, not the keys. */
function longTexts(json: Buffer): Span[] {
  const texts: Span[] = [];
  for (let open = json.indexOf(quote); open !== -1; ) {
    const end = closingQuote(json, open + 1);
    if (end - open > leastBytes && !isKey(json, end + 1)) texts.push({ start: open + 1, end });
    open = json.indexOf(quote, end + 1);
  }
  return texts;
}

function closingQuote(json: Buffer, from: number): number {
  let at = json.indexOf(quote, from);
  while (isEscaped(json, at)) at = json.indexOf(quote, at + 1);
  return at;
}

function isEscaped(json: Buffer, at: number): boolean {
  let slashes = 0;
  while (json[at - 1 - slashes] === backslash) slashes += 1;
  return slashes % 2 === 1;
}

function isKey(json: Buffer, from: number): boolean {
  let at = from;
  while ((json[at] as number) <= 0x20) at += 1;
  return json[at] === 0x3a;
}

/** The length to which all longer texts are cut, so that `excess` bytes go; undefined where they have not so many. */
function commonLength(texts: readonly Span[], excess: number): number | undefined {
  const lengths = texts.map(({ start, end }) => end - start).toSorted((a, b) => b - a);
  let total = 0;
  for (const [index, length] of lengths.entries()) {
    total += length;
    const count = index + 1;
    const common = Math.floor((total - excess) / count);
    if (common >= (lengths[count] ?? 0)) return common;
  }
  return undefined;
}

/** The last place up to `most` that is within no character, and within no escape or pair of them. */
function cutAt(json: Buffer, start: number, most: number): number {
  let at = start;
  while (at < most) {
    const next = at + unitLength(json, at);
    if (next > most) break;
    at = next;
  }
  return at;
}

function unitLength(json: Buffer, at: number): number {
  const byte = json[at] as number;
  if (byte !== backslash) return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  if (json[at + 1] !== 0x75) return 2;
  // A pair of surrogates is one character: `\ud83d\ude00`.
  return /^\\ud[89ab]..\\ud[c-f]..$/i.test(json.toString('latin1', at, at + 12)) ? 12 : 6;
}
