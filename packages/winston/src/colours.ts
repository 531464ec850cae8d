// Colours are for a terminal: what winston's colorize(), chalk and the like have put into a line does not belong into a file.

const escape = '\u001b';

/** ESC, `[`, numbers, `m`: what sets a colour or a style. */
// oxlint-disable-next-line no-control-regex
const raw = /\u001b\[[\d;:]*m/g;
// As JSON writes it. A backslash before it would make a text of it that only looks so.
const escaped = /(?<=(?<!\\)(?:\\\\)*)\\u001b\[[\d;:]*m/gi;

/** The text without them, also where they stand escaped in a line of JSON. */
export function withoutColours(text: string): string {
  const plain = text.includes(escape) ? text.replace(raw, '') : text;
  // One search for both ways to write it, since this is done for every record.
  return plain.startsWith('{') && plain.includes('\\u001') ? plain.replace(escaped, '') : plain;
}
