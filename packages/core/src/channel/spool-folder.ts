// Who owns which folder of a spool, where several processes share one:
//
//   <dir>/w-<boot>-<host>-<pid>-<random>/         a living writer's own segments, and `lock`, a Unix socket on which it listens
//   <dir>/a-<boot>-<host>-<pid>-<random>-<n>/     what that writer has adopted from a dead one
//   <dir>/n-…/                                    a writer's folder before its socket listens
//   <dir>/set-aside/                              what could not be read, for people to look at; never deleted here
//
// A process is dead when nobody listens on its socket, which no kill and no reused pid can feign. Its folders are then
// renamed to a name of the adopter's: a rename has one winner, so one process gets them. A socket says nothing beyond its
// kernel. A folder of another boot of a host of the same name is dead; one of another host is taken for dead when its
// owner, which touches it, has not done so for 5 minutes.

import { createHash, randomBytes } from 'node:crypto';
import { constants, readFileSync } from 'node:fs';
import net from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Disk, diskErrorCode, tolerate } from './disk.ts';
import { namesIn, setAside } from './spool-file.ts';

const namePattern = /^([wan])-([\da-f]{8})-([\da-f]{8})-(\d+)-([\da-f]{12})(?:-\d+)?$/;
const silentMs = 300_000;
const lockName = 'lock';

export class SpoolFolder {
  readonly #disk: Disk;
  readonly #spool: string;
  readonly #id: string;
  readonly #server: net.Server;
  #lockFolder: number | undefined;
  #adopted = 0;

  /** Makes a folder of its own in the spool. @throws what the disk throws */
  constructor(disk: Disk, spool: string) {
    this.#disk = disk;
    this.#spool = spool;
    this.#id = `${kernelId}-${hostId()}-${process.pid}-${randomBytes(6).toString('hex')}`;
    this.#server = net.createServer((socket) => socket.destroy());
    this.#server.on('error', () => {});
    disk.mkdirSync(spool, { recursive: true, mode: 0o700 });
    this.#checkOwner(spool, false);
    const fresh = join(spool, `n-${this.#id}`);
    disk.mkdirSync(fresh, { mode: 0o700 });
    try {
      this.#listen(fresh);
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

  /** Adopts one folder of each dead writer's. @returns the folders, which are this process's now */
  async adopt(): Promise<string[]> {
    const alive = new Map<string, Promise<boolean>>();
    const adopted: string[] = [];
    for (const name of namesIn(this.#disk, this.#spool)) {
      const [, kind, boot, host, pid, random] = namePattern.exec(name) ?? [];
      const owner = `${boot}-${host}-${pid}-${random}`;
      if (kind === undefined || owner === this.#id) continue;
      const path = join(this.#spool, name);
      try {
        this.#checkOwner(path, true);
        if (kind === 'n') {
          if (this.#isSilent(path)) this.#removeFolder(path);
          continue;
        }
        let isAlive = alive.get(owner);
        isAlive ??= this.#isAlive(join(this.#spool, `w-${owner}`), boot as string, host as string);
        alive.set(owner, isAlive);
        if (await isAlive) continue;
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
      if (diskErrorCode(error) === 'ENOENT') return undefined;
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
    if (namesIn(this.#disk, this.path).length === 0) tolerate(() => this.#disk.rmdirSync(this.path));
  }

  #removeFolder(path: string): void {
    tolerate(() => this.#disk.unlinkSync(join(path, lockName)));
    for (const name of namesIn(this.#disk, path)) {
      if (name.endsWith('.ack')) this.#disk.unlinkSync(join(path, name));
    }
    this.#disk.rmdirSync(path);
  }

  #listen(folder: string): void {
    if (process.platform === 'win32') {
      this.#server.listen({ path: `\\\\.\\pipe\\flume-${this.#id}`, exclusive: true });
    } else {
      this.#lockFolder = openFolder(this.#disk, folder);
      // In a cluster's worker the socket must be its own, not its parent's.
      this.#server.listen({ path: socketPath(this.#lockFolder, folder), exclusive: true });
    }
    if (!this.#server.listening) throw new Error(`no socket can be made in ${folder}`);
    this.#server.unref();
  }

  #unlisten(): void {
    this.#server.close();
    // Not before: the socket's file is deleted by way of it.
    if (this.#lockFolder !== undefined) this.#disk.closeSync(this.#lockFolder);
    this.#lockFolder = undefined;
  }

  /** @returns whether the writer of this folder lives; in doubt it does */
  async #isAlive(path: string, boot: string, host: string): Promise<boolean> {
    if (boot !== kernelId) return host !== hostId() && !this.#isSilent(path);
    if (process.platform === 'win32') return answers(`\\\\.\\pipe\\flume-${path.slice(this.#spool.length + 3)}`);
    let folder: number;
    try {
      folder = openFolder(this.#disk, path);
    } catch (error) {
      return diskErrorCode(error) !== 'ENOENT';
    }
    try {
      return await answers(socketPath(folder, path));
    } finally {
      this.#disk.closeSync(folder);
    }
  }

  #isSilent(path: string): boolean {
    try {
      return Date.now() - this.#disk.lstatSync(path).mtimeMs > silentMs;
    } catch (error) {
      return diskErrorCode(error) === 'ENOENT';
    }
  }

  /** @throws where the folder is a link, somebody else's, or open to others */
  #checkOwner(path: string, own: boolean): void {
    const stats = this.#disk.lstatSync(own ? path : `${path}/.`);
    const uid = process.getuid?.();
    if (!stats.isDirectory()) throw new Error(`${path} is no folder`);
    if (uid === undefined) return;
    if (own && stats.uid !== uid) throw new Error(`${path} belongs to another user`);
    if ((stats.mode & 0o022) !== 0 && (own || (stats.mode & 0o1000) === 0)) {
      throw new Error(`${path} is writable for other users: chmod 700`);
    }
  }
}

/** Folders of this boot of this machine have the same one. */
const kernelId = short(bootId());

function hostId(): string {
  return short(hostname());
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    return '';
  }
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

function openFolder(disk: Disk, path: string): number {
  return disk.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** The path of a socket has 103 bytes at most; by way of the open folder it is always short enough. */
function socketPath(folder: number, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${folder}/${lockName}` : join(path, lockName);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket.on('connect', () => resolve(true));
    socket.on('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(diskErrorCode(error))));
    socket.on('connect', () => socket.destroy());
  });
}
