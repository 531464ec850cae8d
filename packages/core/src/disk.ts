// The file system as the file channel needs it, in one place, so that a test can hand it one that fails.

import fs from 'node:fs';

export type Disk = Pick<
  typeof fs,
  | 'closeSync'
  | 'fchmodSync'
  | 'fdatasync'
  | 'fstatSync'
  | 'fsync'
  | 'ftruncateSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'read'
  | 'readdirSync'
  | 'readlinkSync'
  | 'readSync'
  | 'renameSync'
  | 'rmdirSync'
  | 'statfsSync'
  | 'unlinkSync'
  | 'utimesSync'
  | 'writeSync'
>;

export const systemDisk: Disk = fs;

/** The code of a file system's error, such as ENOSPC. */
export function diskErrorCode(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code ?? error);
}

/** The disk has no room, as opposed to being ill. */
export function isOutOfRoom(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(diskErrorCode(error));
}

/** Deletes a file. @returns false where the disk keeps it */
export function isRemoved(disk: Disk, path: string): boolean {
  try {
    disk.unlinkSync(path);
    return true;
  } catch (error) {
    return diskErrorCode(error) === 'ENOENT';
  }
}

/** Does what may be done already: deleting a file that is gone, say. */
export function tolerate(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing depends on it: what stays is found again by whoever adopts the folder.
  }
}
