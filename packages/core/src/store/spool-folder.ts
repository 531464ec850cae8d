// A writer's folder in a spool that several processes may share, and what it adopts from dead ones:
//
//   <dir>/w-<boot>-<host>-<pid>-<random>/         a living writer's own segments, and `lock`, a Unix socket on which it listens
//   <dir>/a-<boot>-<host>-<pid>-<random>-<n>/     what that writer has adopted from a dead one
//   <dir>/n-…/                                    a writer's folder before its socket listens
//   <dir>/set-aside/                              what could not be read, for people to look at; never deleted here
//
// A dead writer's folders are renamed to a name of the adopter's: a rename has one winner, so one process gets them.

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Disk, diskErrorCode, tolerate } from './disk.ts';
import { checkFolder, makeSpool, namesIn, setAside } from './spool-file.ts';
import {
  hostId,
  kernelId,
  lockName,
  noKernel,
  openFolder,
  ownerState,
  parseFolderName,
  pipePath,
  SilenceWatch,
  type SpoolOwner,
  socketPath,
} from './spool-owner.ts';

export class SpoolFolder {
  readonly #disk: Disk;
  readonly #spool: string;
  readonly #watch: SilenceWatch;
  readonly #server: net.Server;
  #id: string;
  #lockFolder: number | undefined;
  #adopted = 0;

  /** Makes a folder of its own in the spool. @throws what the disk throws */
  constructor(disk: Disk, clock: Clock, spool: string) {
    this.#disk = disk;
    this.#spool = spool;
    this.#watch = new SilenceWatch(disk, clock);
    this.#server = net.createServer((socket) => socket.destroy());
    this.#server.on('error', () => {});
    const name = `${hostId}-${process.pid}-${randomBytes(6).toString('hex')}`;
    this.#id = `${kernelId}-${name}`;
    makeSpool(disk, spool);
    const fresh = join(spool, `n-${this.#id}`);
    disk.mkdirSync(fresh, { mode: 0o700 });
    try {
      // Others must go by its touches then.
      if (!this.#listen(fresh)) this.#id = `${noKernel}-${name}`;
      disk.renameSync(fresh, this.path);
    } catch (error) {
      this.#unlisten();
      tolerate(() => disk.rmdirSync(fresh));
      throw error;
    }
  }

  get path(): string {
    return join(this.#spool, `w-${this.#id}`);
  }

  /** Says that the owner lives, where the socket cannot. */
  touch(): void {
    const now = new Date();
    tolerate(() => this.#disk.utimesSync(this.path, now, now));
  }

  /** Adopts the folders of dead writers. @returns their new paths */
  async adopt(): Promise<string[]> {
    const dead = new Map<string, Promise<boolean>>();
    const adopted: string[] = [];
    for (const name of namesIn(this.#disk, this.#spool)) {
      const owner = parseFolderName(name);
      if (owner === undefined || owner.id === this.#id) continue;
      const path = join(this.#spool, name);
      try {
        checkFolder(this.#disk, path);
        if (owner.kind === 'n') {
          if (this.#watch.isDead(path)) this.#removeFolder(path);
          continue;
        }
        const isDead = dead.get(owner.id) ?? this.#isDead(owner);
        dead.set(owner.id, isDead);
        if (!(await isDead)) continue;
        this.#adopted += 1;
        const mine = join(this.#spool, `a-${this.#id}-${this.#adopted}`);
        this.#disk.renameSync(path, mine);
        adopted.push(mine);
      } catch {
        // Another process was faster, or it is none of ours.
      }
    }
    return adopted;
  }

  /** Removes a folder of ours that has no segments any more. @returns where it was put, if there was more in it */
  remove(path: string): string | undefined {
    try {
      this.#removeFolder(path);
      return undefined;
    } catch (error) {
      // Else it is gone, or stays for whoever adopts it next.
      if (!['ENOTEMPTY', 'EEXIST'].includes(diskErrorCode(error))) return undefined;
    }
    try {
      return setAside(this.#disk, this.#spool, path);
    } catch {
      return undefined;
    }
  }

  /** Gives up the ownership: what is in its folders can be adopted now. */
  release(): void {
    this.#unlisten();
    tolerate(() => this.#disk.rmdirSync(this.path));
  }

  #removeFolder(path: string): void {
    for (const name of this.#disk.readdirSync(path)) {
      if (name === lockName || name.endsWith('.ack')) this.#disk.unlinkSync(join(path, name));
    }
    this.#disk.rmdirSync(path);
  }

  /** @returns false where this file system has no sockets */
  #listen(folder: string): boolean {
    if (process.platform === 'win32') {
      this.#server.listen({ path: pipePath(this.#id), exclusive: true });
    } else {
      this.#lockFolder = openFolder(this.#disk, folder);
      // In a cluster's worker the socket must be its own, not its parent's.
      this.#server.listen({ path: socketPath(this.#lockFolder, folder), exclusive: true });
    }
    this.#server.unref();
    return this.#server.listening;
  }

  #unlisten(): void {
    this.#server.close();
    // Not before: the socket's file is deleted by way of it.
    if (this.#lockFolder !== undefined) this.#disk.closeSync(this.#lockFolder);
    this.#lockFolder = undefined;
  }

  async #isDead(owner: SpoolOwner): Promise<boolean> {
    const state = await ownerState(this.#disk, this.#spool, owner);
    return state === 'dead' || (state === 'silent' && this.#watch.isDead(join(this.#spool, `w-${owner.id}`)));
  }
}
