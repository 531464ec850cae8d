// Opens the files of a spool: for the owner alone, new ones only where there was none, and never through a link.

import { constants } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Disk } from './disk.ts';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
// Windows has no such flag, nor links that anybody may make.
const noFollow = constants.O_NOFOLLOW ?? 0;

/** A file to write to: a new one, or with `exists` one that is ours. @throws what the disk throws */
export function exclusiveFile(disk: Disk, path: string, exists = false): number {
  return disk.openSync(path, O_RDWR | noFollow | (exists ? 0 : O_CREAT | O_EXCL), 0o600);
}

/** A file to read. @throws what the disk throws */
export function readableFile(disk: Disk, path: string): number {
  const file = disk.openSync(path, O_RDONLY | noFollow | (O_NONBLOCK ?? 0));
  if (disk.fstatSync(file).isFile()) return file;
  disk.closeSync(file);
  throw new Error(`${path} is no file`);
}

/** The whole of a small file. @throws what the disk throws */
export function fileBytes(disk: Disk, path: string, maxBytes: number): Buffer {
  const file = readableFile(disk, path);
  try {
    const bytes = Buffer.alloc(Math.min(maxBytes, disk.fstatSync(file).size));
    let read = 0;
    for (let count = -1; read < bytes.length && count !== 0; read += count) {
      count = disk.readSync(file, bytes, read, bytes.length - read, read);
    }
    return bytes.subarray(0, read);
  } finally {
    disk.closeSync(file);
  }
}

/** Makes what was created, renamed and deleted in a folder last. Never fails: not every file system knows it. */
export function syncFolder(disk: Disk, path: string): Promise<void> {
  return new Promise((resolve) => {
    try {
      const folder = disk.openSync(path, O_RDONLY | (O_DIRECTORY ?? 0));
      disk.fsync(folder, () => {
        disk.closeSync(folder);
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

/** @throws where it is no folder but a link, say; where others may write to it; and, for one that is ours, somebody else's */
export function checkFolder(disk: Disk, path: string, isOurs: boolean): void {
  const stats = disk.lstatSync(path);
  const uid = process.getuid?.();
  if (!stats.isDirectory()) throw new Error(`${path} is no folder`);
  if (uid === undefined) return;
  if (isOurs && stats.uid !== uid) throw new Error(`${path} belongs to another user`);
  if ((stats.mode & 0o022) !== 0 && (isOurs || (stats.mode & 0o1000) === 0)) {
    throw new Error(`${path} is writable for other users: chmod 700`);
  }
}

/** In the spool, what cannot be used. */
export const setAsideName = 'set-aside';

/** Moves what cannot be used out of the way, under a name that says where it was. @returns its new path */
export function setAside(disk: Disk, spool: string, path: string): string {
  const place = join(spool, setAsideName);
  disk.mkdirSync(place, { recursive: true, mode: 0o700 });
  checkFolder(disk, place, true);
  const target = join(place, relative(spool, path).replaceAll(sep, '.'));
  disk.renameSync(path, target);
  return target;
}
