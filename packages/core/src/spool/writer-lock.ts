// How others see that a writer lives: it listens on a Unix socket in its folder, so its kernel knows, whatever kill, reused
// pid or container there was.

import { constants } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { type Disk, diskErrorCode, tolerate } from '../disk.ts';

export interface Locks {
  /** Holds the lock of the writer whose folder this is. @returns undefined where this file system has no sockets */
  hold(folder: string, id: string): Lock | undefined;
  /** The writer holds its lock: it lives. @throws what the disk throws */
  isHeld(folder: string, id: string): Promise<boolean>;
}

export interface Lock {
  release(): void;
}

/** The socket's name. */
export const lockName = 'lock';

export function socketLocks(disk: Disk): Locks {
  return {
    hold: (folder, id) => holdSocket(disk, folder, id),
    async isHeld(folder, id) {
      if (process.platform === 'win32') return answers(pipePath(id));
      const handle = openFolder(disk, folder);
      try {
        return await answers(socketPath(handle, folder));
      } finally {
        tolerate(() => disk.closeSync(handle));
      }
    },
  };
}

function holdSocket(disk: Disk, folder: string, id: string): Lock | undefined {
  const server = net.createServer((socket) => socket.destroy());
  server.on('error', () => {});
  const handle = process.platform === 'win32' ? undefined : openFolder(disk, folder);
  // In a cluster's worker the socket must be its own, not its parent's.
  server.listen({ path: handle === undefined ? pipePath(id) : socketPath(handle, folder), exclusive: true });
  server.unref();
  const release = (): void => {
    server.close();
    // Not before: the socket's file is deleted by way of it.
    if (handle !== undefined) tolerate(() => disk.closeSync(handle));
  };
  if (server.listening) return { release };
  release();
  return undefined;
}

/** The place of a writer's socket, in its open folder. A path of a socket has 103 bytes at most; this is short enough. */
function socketPath(folder: number, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${folder}/${lockName}` : join(path, lockName);
}

function pipePath(id: string): string {
  return `\\\\.\\pipe\\flume-${id}`;
}

function openFolder(disk: Disk, path: string): number {
  return disk.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket.on('connect', () => resolve(true));
    socket.on('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(diskErrorCode(error))));
    socket.on('connect', () => socket.destroy());
  });
}
