// Code of the packages' READMEs, as a reader copies it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** The code in the README of a package that begins with a file's name. */
export async function readmeCode(room: string, file: string): Promise<string> {
  const readme = await readFile(path.join(import.meta.dirname, '../../packages', room, 'README.md'), 'utf8');
  const [, code] = new RegExp(`\`\`\`js\n(// ${file.replaceAll('.', '\\.')}\n[^]*?)\`\`\``).exec(readme) ?? [];
  assert.ok(code !== undefined, `the README of ${room} shows no ${file}`);
  return code;
}
