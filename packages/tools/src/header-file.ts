// A file of headers, as flume-ng's avro-client takes one: Java properties, so `name=value`, `name: value` and `name value`.

import { readFileSync } from 'node:fs';
import { parseProperties } from 'flume-dev-agent/conf';
import { shown, UsageError } from 'flume-thrift-client/commands';

/** @throws UsageError naming the line */
export function readHeaderFile(file: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--header-file: cannot read ${file}: ${(error as Error).message}`);
  }
  const lines = text.split(/\r\n|[\r\n]/);
  const headers: [string, string][] = [];
  for (const { key, value, line } of parseProperties(text)) {
    // Java would take a lone word for a name without a value; here it is a slip.
    if (key === '' || (value === '' && !/[=:]/.test(lines[line - 1] ?? ''))) {
      throw new UsageError(
        `--header-file: ${file}, line ${line}: expected name=value or name: value, got ${shown(key, "'")}`,
      );
    }
    headers.push([key, value.trimEnd()]);
  }
  return Object.fromEntries(headers);
}
