// Folders in the cache that are built once from files; changed files make another folder, so nobody has to empty it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

const cache = path.join(import.meta.dirname, '../../.cache/built');
const building = new Map<string, Promise<string>>();

/** Resolves with the folder; `build` fills it where it is not there yet. */
export function builtFolder(
  name: string,
  from: readonly string[],
  build: (folder: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of from) hash.update(readFileSync(file));
  const folder = path.join(cache, `${name}-${hash.digest('hex').slice(0, 12)}`);
  const built = building.get(folder) ?? fill(folder, build);
  building.set(folder, built);
  return built;
}

async function fill(folder: string, build: (folder: string) => Promise<unknown>): Promise<string> {
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    await build(partial);
    renameSync(partial, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}
