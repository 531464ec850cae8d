// The folders of a spool: which of them may be used, and how they are read and kept.

import { constants } from 'node:fs';
import { type Disk, tolerate } from '../disk.ts';
import { wrongFolder } from '../private-file.ts';

const { O_DIRECTORY, O_RDONLY } = constants;

/** Makes what was created, renamed and deleted in a folder last. Never fails: not every file system knows it. */
export function syncFolder(disk: Disk, path: string): Promise<void> {
  return new Promise((resolve) => {
    try {
      const folder = disk.openSync(path, O_RDONLY | (O_DIRECTORY ?? 0));
      disk.fsync(folder, () => {
        tolerate(() => disk.closeSync(folder));
        resolve();
      });
    } catch {
      resolve();
    }
  });
}

/** The names in a folder, none where it cannot be read. */
export function namesIn(disk: Disk, path: string): string[] {
  try {
    return disk.readdirSync(path).sort();
  } catch {
    return [];
  }
}

/** @throws where a folder in a spool is a link, say, or somebody else's, or others may write to it */
export function checkFolder(disk: Disk, path: string): void {
  const wrong = wrongFolder(disk.lstatSync(path));
  if (wrong !== undefined) throw new Error(`${path} ${wrong}`);
}
