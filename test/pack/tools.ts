// The compilers, test runners, bundlers, package managers and Node versions, of the versions that package-lock.json here
// names; fetched once into the cache of the repository.

import { readFileSync, realpathSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { builtFolder } from '../flume/built-folder.ts';
import { run } from './command.ts';

const here = import.meta.dirname;
const files = ['package.json', 'package-lock.json', '.npmrc'];

const tools = await builtFolder(
  'pack-tools',
  files.map((name) => path.join(here, name)),
  async (folder) => {
    for (const name of files) await copyFile(path.join(here, name), path.join(folder, name));
    await run('npm', ['ci', '--ignore-scripts'], { cwd: folder, timeoutMs: 300_000 });
  },
);

/** Where a tool's package is. */
export function toolFolder(name: string): string {
  return realpathSync(path.join(tools, 'node_modules', name));
}

/** The file that a tool's command runs; by default the command that is named as the package. */
export function toolFile(name: string, command: string = name): string {
  const folder = toolFolder(name);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const file = typeof bin === 'string' ? bin : bin[command];
  if (file === undefined) throw new Error(`${name} has no command ${command}`);
  return path.join(folder, file);
}

/** Every major version of Node that the packages are for, the oldest as `engines` has it. */
export const nodes: readonly { readonly major: string; readonly file: string }[] = ['20', '22', '24', '26'].map(
  (major) => ({ major, file: path.join(toolFolder(`node${major}-${process.arch}`), 'bin/node') }),
);

/** The others that run Node's programs, and how they are told to run one. */
export const runtimes: readonly { readonly name: string; readonly file: string; readonly args: readonly string[] }[] = [
  { name: 'Bun', file: path.join(toolFolder(`bun-${process.arch}`), 'bin/bun'), args: ['run'] },
  {
    name: 'Deno',
    file: path.join(toolFolder(`deno-${process.arch}`), 'deno'),
    args: ['run', '--allow-all', '--node-modules-dir=manual', '--no-lock'],
  },
];
