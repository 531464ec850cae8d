// The folders of a spool whose writers are dead: what is in them waits for whoever takes it.

import { join } from 'node:path';
import { diskErrorCode, tolerate } from './disk.ts';
import type { SpoolWorld } from './spool.ts';
import { checkFolder, namesIn } from './spool-file.ts';
import { type Locks, lockName } from './spool-lock.ts';
import { folderPrefix, ownerState, parseFolderName, SilenceWatch, type SpoolOwner } from './spool-owner.ts';
import { placesIn } from './spool-place.ts';

export class DeadWriters {
  readonly #world: SpoolWorld;
  readonly #locks: Locks;
  readonly #dir: string;
  readonly #watch: SilenceWatch;

  constructor(world: SpoolWorld, locks: Locks, dir: string) {
    this.#world = world;
    this.#locks = locks;
    this.#dir = dir;
    this.#watch = new SilenceWatch(world.disk, world.clock);
  }

  /** The paths of their folders. Never rejects */
  async folders(): Promise<string[]> {
    const { disk, folder } = this.#world;
    const { id } = folder;
    const found: string[] = [];
    for (const place of placesIn(disk, this.#dir)) {
      const states = new Map<string, Promise<boolean>>();
      for (const name of namesIn(disk, place)) {
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
    const { disk } = this.#world;
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
      checkFolder(this.#world.disk, path);
      return true;
    } catch {
      return false;
    }
  }

  async #isDead(place: string, owner: SpoolOwner): Promise<boolean> {
    const state = await ownerState(this.#world.disk, place, owner, this.#locks);
    const own = join(place, `${folderPrefix.own}${owner.id}`);
    return state === 'dead' || (state === 'silent' && this.#watch.isDead(own));
  }
}
