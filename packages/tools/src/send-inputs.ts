// The inputs of flume-send: files, the files of folders, what patterns match, or stdin.

import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from 'flume-thrift-client/commands';

export interface SendInput {
  /** As the user knows it. */
  readonly name: string;
  /** undefined: stdin. */
  readonly file: string | undefined;
  /** 0 where nobody knows it: of stdin, of a named pipe. */
  readonly bytes: number;
}

/**
 * All inputs, in the order of the call; those of a folder or a pattern by name.
 *
 * @param names none, or `-`: stdin
 * @throws UsageError naming what is not there, before anything is sent
 */
export function findInputs(names: readonly string[]): readonly SendInput[] {
  return (names.length === 0 ? ['-'] : names).flatMap((name) => {
    if (name === '-') return [{ name: 'stdin', file: undefined, bytes: 0 }];
    const stats = fs.statSync(name, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return filesIn(name).map(inputOf);
    if (stats !== undefined) return [inputOf(name)];
    if (/[*?[{]/.test(name)) return matches(name).map(inputOf);
    throw new UsageError(`${name}: no such file`);
  });
}

/** Not those below, and not hidden ones. */
function filesIn(folder: string): readonly string[] {
  const files = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => path.join(folder, name));
  if (files.length === 0) throw new UsageError(`${folder}: no files in this folder`);
  return files.sort();
}

/** For what no shell has expanded: a quoted pattern, or Windows. */
function matches(pattern: string): readonly string[] {
  const { globSync } = fs as { globSync?: (pattern: string) => string[] };
  if (globSync === undefined) throw new UsageError(`${pattern}: no such file; patterns need Node 22 or a shell`);
  const files = globSync(pattern).filter((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  if (files.length === 0) throw new UsageError(`${pattern}: matches no file`);
  return files.sort();
}

function inputOf(file: string): SendInput {
  try {
    fs.accessSync(file, fs.constants.R_OK);
  } catch (error) {
    throw new UsageError(`${file}: cannot read: ${(error as Error).message}`);
  }
  const stats = fs.statSync(file);
  return { name: file, file, bytes: stats.isFile() ? stats.size : 0 };
}
