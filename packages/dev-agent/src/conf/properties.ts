// Java's .properties files, the form of a Flume agent's configuration, read as java.util.Properties does, with line numbers.
//
//   file    := (blank | comment | entry)*
//   comment := ("#" | "!") anything                the whole line; behind a value it belongs to the value
//   entry   := key (blank* ("=" | ":") | blank) blank* value
//   A line that ends in an odd number of "\" goes on in the next one, whose leading blanks do not count.
//   Escapes: \t \n \r \f, \uXXXX, and \x for any other x.

export interface Property {
  readonly key: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** All entries in their order, of double keys each one: Java keeps the last. Never throws; a broken \u stays as it is. */
export function parseProperties(text: string): Property[] {
  const properties: Property[] = [];
  // A file that an editor of Windows has saved.
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|[\r\n]/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let entry = unindented(lines[index] ?? '');
    if (entry === '' || entry.startsWith('#') || entry.startsWith('!')) continue;
    while (goesOn(entry)) entry = entry.slice(0, -1) + unindented(lines[++index] ?? '');
    properties.push({ ...parseEntry(entry), line });
  }
  return properties;
}

const unindented = (line: string): string => line.replace(/^[ \t\f]+/, '');

const goesOn = (line: string): boolean => (/\\+$/.exec(line)?.[0].length ?? 0) % 2 === 1;

function parseEntry(entry: string): { key: string; value: string } {
  const [key = ''] = /^(?:\\[^]|[^\\=: \t\f])*/.exec(entry) ?? [];
  const value = entry.slice(key.length).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
  return { key: unescaped(key), value: unescaped(value) };
}

const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_all, hex: string | undefined, other: string) => {
    return hex === undefined ? (controls[other] ?? other) : String.fromCharCode(Number.parseInt(hex, 16));
  });
}
