// The folders of a spool whose writers are dead: what is in them waits for whoever takes it.

import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Disk, diskErrorCode, tolerate } from '../disk.ts';
import { checkFolder, namesIn } from './folder.ts';
import { folderPrefix, ownerState, parseFolderName, SilenceWatch, type SpoolOwner } from './folder-owner.ts';
import { placesIn } from './spool-place.ts';
import type { WriterFolder } from './writer-folder.ts';
import { type Locks, lockName } from './writer-lock.ts';

export interface DeadWritersWorld {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly locks: Locks;
}

export class DeadWriters {
  readonly #disk: Disk;
  readonly #locks: Locks;
  readonly #dir: string;
  readonly #own: WriterFolder;
  readonly #watch: SilenceWatch;

  /** @param own the folder of the writer that asks */
  constructor({ disk, clock, locks }: DeadWritersWorld, dir: string, own: WriterFolder) {
    this.#disk = disk;
    this.#locks = locks;
    this.#dir = dir;
    this.#own = own;
    this.#watch = new SilenceWatch(disk, clock);
  }

  /** The paths of their folders. Never rejects */
  async folders(): Promise<string[]> {
    const { id } = this.#own;
    const found: string[] = [];
    for (const place of placesIn(this.#disk, this.#dir)) {
      const states = new Map<string, Promise<boolean>>();
      for (const name of namesIn(this.#disk, place)) {
        const owner = parseFolderName(name);
        const path = join(place, name);
        if (owner === undefined || owner.id === id || !this.#isSafe(path)) continue;
        if (owner.kind === 'new') {
          if (this.#watch.isDead(path)) this.remove(path);
          continue;
        }
        const isDead = states.get(owner.id) ?? this.#isDead(place, owner);
        states.set(owner.id, isDead);
        if (await isDead) found.push(path);
      }
    }
    return found;
  }

  /** Removes a folder that has no segments any more. @returns false where there is more in it than events */
  remove(path: string): boolean {
    const disk = this.#disk;
    try {
      for (const name of disk.readdirSync(path)) {
        if (name === lockName || name.endsWith('.ack')) tolerate(() => disk.unlinkSync(join(path, name)));
      }
      disk.rmdirSync(path);
      return true;
    } catch (error) {
      // Else it is gone, or stays for whoever comes next.
      return !['ENOTEMPTY', 'EEXIST'].includes(diskErrorCode(error));
    }
  }

  #isSafe(path: string): boolean {
    try {
      checkFolder(this.#disk, path);
      return true;
    } catch {
      return false;
    }
  }

  async #isDead(place: string, owner: SpoolOwner): Promise<boolean> {
    const state = await ownerState(this.#disk, place, owner, this.#locks);
    const own = join(place, `${folderPrefix.own}${owner.id}`);
    return state === 'dead' || (state === 'silent' && this.#watch.isDead(own));
  }
}
