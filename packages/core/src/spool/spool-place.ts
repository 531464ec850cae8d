// Where in a folder that the options name the folders of writers are: directly in it, or, where others may write to it, as
// to the root of a Kubernetes volume, in a folder of our own there.

import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { type Disk, diskErrorCode } from '../disk.ts';
import { checkWay, wrongFolder } from '../private-file.ts';
import { checkFolder } from './folder.ts';

/** Makes what is missing. @returns where writers make their folders. @throws what the disk throws, or why it is not safe */
export function makePlace(disk: Disk, dir: string): string {
  if (!isShared(checkWay(disk, dir, true))) return dir;
  const own = ownPlace(dir);
  try {
    disk.mkdirSync(own, { mode: 0o700 });
  } catch (error) {
    if (diskErrorCode(error) !== 'EEXIST') throw error;
  }
  checkFolder(disk, own);
  return own;
}

/** All folders in which writers may have theirs: what was left before a folder became shared, or while it was, is found. */
export function placesIn(disk: Disk, dir: string): string[] {
  const own = ownPlace(dir);
  try {
    checkFolder(disk, own);
    return [dir, own];
  } catch {
    return [dir];
  }
}

/** Others may delete there what is not theirs. */
function isShared(stats: Stats): boolean {
  const user = process.geteuid?.();
  if (user === undefined || (stats.mode & 0o1000) !== 0 || (stats.mode & 0o022) === 0) return false;
  return stats.uid !== user || wrongFolder(stats) !== undefined;
}

function ownPlace(dir: string): string {
  return join(dir, `flume-${process.geteuid?.() ?? 'spool'}`);
}
