// A file of headers, as flume-ng's avro-client takes one: name=value on each line, comments behind # or !.

import { readFileSync } from 'node:fs';
import { UsageError } from 'flume-thrift-client/commands';

/** @throws UsageError naming the line */
export function readHeaderFile(file: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--header-file: cannot read ${file}: ${(error as Error).message}`);
  }
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === '' || /^[#!]/.test(content)) continue;
    const at = content.indexOf('=');
    if (at < 1)
      throw new UsageError(`--header-file: ${file}, line ${index + 1}: expected name=value, got '${content}'`);
    headers[content.slice(0, at).trim()] = content.slice(at + 1).trim();
  }
  return headers;
}
