// Whose a folder of a spool is, by its name, and whether that writer lives. Where a writer listens on a socket, its kernel
// knows, whatever kill, reused pid or container there was. A socket says nothing beyond its kernel, and some file systems
// have none: there a writer lives as long as it touches its folder.

import { createHash } from 'node:crypto';
import { constants, readFileSync } from 'node:fs';
import net from 'node:net';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Disk, diskErrorCode } from './disk.ts';

export interface SpoolOwner {
  /** A writer's own folder, one that it has adopted, or one that is not yet its own. */
  readonly kind: 'w' | 'a' | 'n';
  /** The same for all folders of one writer. */
  readonly id: string;
  readonly boot: string;
  readonly host: string;
  readonly pid: number;
}

/** `silent` is what cannot be asked, and has not touched its folder for 5 minutes. */
export type OwnerState = 'alive' | 'dead' | 'silent';

export const lockName = 'lock';
const namePattern = /^([wan])-([\da-f]{8})-([\da-f]{8})-(\d+)-([\da-f]{12})(?:-\d+)?$/;
const silentMs = 300_000;
// A touch is due every 10 s.
const watchMs = 30_000;

/** Stands in a name for the kernel where there is no socket. */
export const noKernel = '00000000';
/** Folders whose sockets can be asked here have the same one: those of this boot of this machine. */
export const kernelId: string = short(bootId());
export const hostId: string = short(hostname());

/** @returns undefined where it is no writer's folder */
export function parseFolderName(name: string): SpoolOwner | undefined {
  const [, kind, boot, host, pid, random] = namePattern.exec(name) ?? [];
  if (kind === undefined || boot === undefined || host === undefined) return undefined;
  return { kind: kind as SpoolOwner['kind'], id: `${boot}-${host}-${pid}-${random}`, boot, host, pid: Number(pid) };
}

/** In doubt a writer lives. */
export async function ownerState(disk: Disk, spool: string, { id, boot, host }: SpoolOwner): Promise<OwnerState> {
  const path = join(spool, `w-${id}`);
  let touchedMs: number;
  try {
    touchedMs = disk.lstatSync(path).mtimeMs;
    if (boot === kernelId) return (await isListening(disk, path, id)) ? 'alive' : 'dead';
  } catch (error) {
    return diskErrorCode(error) === 'ENOENT' ? 'dead' : 'alive';
  }
  // Before this machine started. Another one may have the same name.
  if (host === hostId && touchedMs < Date.now() - uptime() * 1_000) return 'dead';
  return Date.now() - touchedMs > silentMs ? 'silent' : 'alive';
}

/** Watches silent writers for a while, since the clocks of two machines may differ by more than their silence. */
export class SilenceWatch {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #seen = new Map<string, { readonly touchedMs: number; readonly since: number }>();

  constructor(disk: Disk, clock: Clock) {
    this.#disk = disk;
    this.#clock = clock;
  }

  /** A folder that is silent has not been touched either since it was first asked about here. */
  isDead(path: string): boolean {
    const now = this.#clock.now();
    let touchedMs: number;
    try {
      touchedMs = this.#disk.lstatSync(path).mtimeMs;
    } catch (error) {
      return diskErrorCode(error) === 'ENOENT';
    }
    const seen = this.#seen.get(path);
    if (seen?.touchedMs === touchedMs) return now - seen.since >= watchMs;
    this.#seen.set(path, { touchedMs, since: now });
    return false;
  }
}

/** The place of a writer's socket, in its open folder. A path of a socket has 103 bytes at most; this is short enough. */
export function socketPath(folder: number, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${folder}/${lockName}` : join(path, lockName);
}

export function pipePath(id: string): string {
  return `\\\\.\\pipe\\flume-${id}`;
}

export function openFolder(disk: Disk, path: string): number {
  return disk.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

async function isListening(disk: Disk, path: string, id: string): Promise<boolean> {
  if (process.platform === 'win32') return answers(pipePath(id));
  const folder = openFolder(disk, path);
  try {
    return await answers(socketPath(folder, path));
  } finally {
    disk.closeSync(folder);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ path });
    socket.on('connect', () => resolve(true));
    socket.on('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(diskErrorCode(error))));
    socket.on('connect', () => socket.destroy());
  });
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    // Elsewhere a socket that is left after a reboot refuses all the same.
    return `kernel of ${hostname()}`;
  }
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
