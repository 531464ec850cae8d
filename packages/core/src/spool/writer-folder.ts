// A writer's own folder in a spool that several processes may share:
//
//   <dir>/w-<boot>-<host>-<pid>-<random>/         a living writer's own segments, and its lock
//   <dir>/a-<boot>-<host>-<pid>-<random>-1/     what that writer has adopted from a dead one
//   <dir>/n-…/                                    a writer's folder before its lock is held
//   <dir>/set-aside/                              what could not be read, for people to look at; never deleted here

import { join } from 'node:path';
import { type Disk, diskErrorCode, tolerate } from '../disk.ts';
import { folderPrefix, hostId, kernelId, noKernel } from './folder-owner.ts';
import { makePlace } from './spool-place.ts';
import { type Lock, type Locks, lockName } from './writer-lock.ts';

export interface WriterFolderWorld {
  readonly disk: Disk;
  readonly locks: Locks;
  readonly randomBytes: (size: number) => Buffer;
}

export class WriterFolder {
  readonly #disk: Disk;
  readonly #locks: Locks;
  readonly #randomBytes: WriterFolderWorld['randomBytes'];
  readonly #dir: string;
  #name: string;
  #place = '';
  #kernel: string = kernelId;
  #lock: Lock | undefined;
  #exists = false;
  #hasAdopted = false;

  constructor({ disk, locks, randomBytes }: WriterFolderWorld, dir: string) {
    this.#disk = disk;
    this.#locks = locks;
    this.#randomBytes = randomBytes;
    this.#dir = dir;
    this.#name = this.#newName();
  }

  /** The folder in which writers have theirs. */
  get place(): string {
    return this.#place;
  }

  /** The same for all folders of this writer. */
  get id(): string {
    return `${this.#kernel}-${this.#name}`;
  }

  /** Makes the folder unless it is there. @returns its path. @throws what the disk throws */
  open(): string {
    if (this.#exists) return this.path;
    this.#place = makePlace(this.#disk, this.#dir);
    this.#unlock();
    const fresh = join(this.#place, `${folderPrefix.new}${this.id}`);
    try {
      this.#disk.mkdirSync(fresh, { mode: 0o700 });
    } catch (error) {
      // Left by an attempt that failed half-way.
      if (diskErrorCode(error) !== 'EEXIST') throw error;
      tolerate(() => this.#disk.unlinkSync(join(fresh, lockName)));
    }
    try {
      this.#hold(fresh);
      this.#disk.renameSync(fresh, this.path);
      this.#exists = true;
      return this.path;
    } catch (error) {
      this.#unlock();
      tolerate(() => this.#disk.rmdirSync(fresh));
      throw error;
    }
  }

  /** Says that the owner lives, and sees to its lock. @returns false where somebody has deleted the folder */
  touch(): boolean {
    if (!this.#exists) return true;
    const now = new Date();
    try {
      this.#disk.utimesSync(this.path, now, now);
    } catch (error) {
      if (diskErrorCode(error) === 'ENOENT') this.#exists = false;
      return this.#exists;
    }
    if (this.#lock === undefined || process.platform === 'win32') return true;
    try {
      // So that nobody who deletes old files deletes it.
      this.#disk.utimesSync(join(this.path, lockName), now, now);
    } catch (error) {
      if (diskErrorCode(error) !== 'ENOENT') return true;
      this.#lock.release();
      tolerate(() => {
        this.#lock = this.#locks.hold(this.path, this.id);
      });
    }
    return true;
  }

  /** Makes the folder of what is adopted from dead writers unless it is there. @returns its path. @throws what the disk throws */
  openAdopted(): string {
    this.open();
    const path = join(this.#place, `${folderPrefix.adopted}${this.id}-1`);
    this.#hasAdopted = true;
    try {
      this.#disk.mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (diskErrorCode(error) !== 'EEXIST') throw error;
    }
    return path;
  }

  isOwn(path: string): boolean {
    return path === this.path;
  }

  /** Gives up the ownership: what is in its folders can be adopted now. */
  release(): void {
    this.#unlock();
    if (this.#exists) tolerate(() => this.#disk.rmdirSync(this.path));
    this.#exists = false;
    this.#name = this.#newName();
    this.#hasAdopted = false;
  }

  /** Its own, once it is open. */
  get path(): string {
    return join(this.#place, `${folderPrefix.own}${this.id}`);
  }

  #newName(): string {
    return `${hostId}-${process.pid}-${this.#randomBytes(6).toString('hex')}`;
  }

  #unlock(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  #hold(fresh: string): void {
    this.#lock = this.#kernel === noKernel ? undefined : this.#locks.hold(fresh, this.id);
    if (this.#lock !== undefined) return;
    // Its other folders have its name, and it is known by its lock.
    if (this.#hasAdopted && this.#kernel !== noKernel) throw new Error(`${fresh}: a socket cannot be made now`);
    // Others must go by its touches then.
    this.#kernel = noKernel;
  }
}
