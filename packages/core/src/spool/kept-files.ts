// Files of a spool that cannot be used: they are kept for people, out of the way, under names that say where they were.

import { join, relative, sep } from 'node:path';
import { type Disk, diskErrorCode } from '../disk.ts';
import { FlumeError } from '../errors.ts';
import { checkFolder } from './folder.ts';
import type { WriterFolder } from './writer-folder.ts';

/** Their folder in the spool. */
export const setAsideName = 'set-aside';

export class KeptFiles {
  readonly #disk: Disk;
  readonly #folder: WriterFolder;
  readonly #dir: string;
  readonly #warn: (error: FlumeError) => void;
  /** Cannot be moved, and was told. */
  readonly #told = new Set<string>();

  /** @param folder of a writer of the spool in `dir` */
  constructor(disk: Disk, folder: WriterFolder, dir: string, warn: (error: FlumeError) => void) {
    this.#disk = disk;
    this.#folder = folder;
    this.#dir = dir;
    this.#warn = warn;
  }

  /** Moves a file or a folder there, and says so. @returns false where it stays */
  keep(path: string, why: string): boolean {
    try {
      const place = this.#move(path);
      this.#warn(new FlumeError('FLUME_NOTICE', `channel.dir ${this.#dir}: ${path} is kept as ${place}: ${why}`));
      return true;
    } catch (cause) {
      if (!this.#told.has(path)) {
        this.#told.add(path);
        this.#warn(new FlumeError('ERR_FLUME_DISK', `channel.dir ${this.#dir}: ${path}: ${why}, and stays`, { cause }));
      }
      return diskErrorCode(cause) === 'ENOENT';
    }
  }

  #move(path: string): string {
    const spool = this.#folder.place;
    const place = join(spool, setAsideName);
    this.#disk.mkdirSync(place, { recursive: true, mode: 0o700 });
    checkFolder(this.#disk, place);
    const target = join(place, relative(spool, path).replace(/^\W+/, '').replaceAll(sep, '.'));
    this.#disk.renameSync(path, target);
    return target;
  }
}
