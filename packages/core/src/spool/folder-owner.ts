// Whose a folder of a spool is, by its name, and whether that writer lives. A writer's lock says so where its kernel can be
// asked. It cannot be on another machine, and some file systems have no sockets: there a writer lives as long as it touches
// its folder.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Disk, diskErrorCode } from '../disk.ts';
import { type Locks, socketLocks } from './writer-lock.ts';

export interface SpoolOwner {
  /** A writer's own folder, one with what it has adopted, or one that is not yet its own. */
  readonly kind: FolderKind;
  /** The same for all folders of one writer. */
  readonly id: string;
  readonly boot: string;
  readonly host: string;
  readonly pid: number;
}

export type FolderKind = 'own' | 'adopted' | 'new';

/** `silent` is what cannot be asked, and has not touched its folder for 5 minutes. */
export type OwnerState = 'alive' | 'dead' | 'silent';

/** How folders of a kind begin. */
export const folderPrefix = { own: 'w-', adopted: 'a-', new: 'n-' } as const;

const namePattern = /^([wan]-)([\da-f]{8})-([\da-f]{8})-(\d+)-([\da-f]{12})(?:-\d+)?$/;
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
  const [, prefix, boot, host, pid, random] = namePattern.exec(name) ?? [];
  const kind = (Object.keys(folderPrefix) as FolderKind[]).find((one) => folderPrefix[one] === prefix);
  if (kind === undefined || boot === undefined || host === undefined) return undefined;
  return { kind, id: `${boot}-${host}-${pid}-${random}`, boot, host, pid: Number(pid) };
}

/** In doubt a writer lives. */
export async function ownerState(
  disk: Disk,
  spool: string,
  { id, boot }: SpoolOwner,
  locks: Locks = socketLocks(disk),
): Promise<OwnerState> {
  const path = join(spool, `${folderPrefix.own}${id}`);
  try {
    const { mtimeMs } = disk.lstatSync(path);
    if (boot === kernelId) return (await locks.isHeld(path, id)) ? 'alive' : 'dead';
    return Date.now() - mtimeMs > silentMs ? 'silent' : 'alive';
  } catch (error) {
    return diskErrorCode(error) === 'ENOENT' ? 'dead' : 'alive';
  }
}

/** Watches silent writers for a while: the clocks of two machines, and of one after a jump, differ by any time. */
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
