// A disk that several processes share, in memory: what each of them has open, what was synced, and what a power cut leaves.
// Names are kept at once, as a journal does; of bytes only what fdatasync has reached is sure.

import type { Stats } from 'node:fs';
import path from 'node:path';
import type { Disk } from '../../packages/core/src/disk.ts';
import type { Chance } from './chance.ts';
import type { VirtualClock } from './virtual-clock.ts';

interface Folder {
  readonly kind: 'folder';
  readonly entries: Map<string, Node>;
  mtimeMs: number;
}

export interface SimulatedFile {
  readonly kind: 'file' | 'socket';
  bytes: Buffer;
  size: number;
  /** So many bytes outlive a power cut. */
  synced: number;
  links: number;
}

type Node = Folder | SimulatedFile;

/** What goes wrong, and when. */
export interface DiskFault {
  readonly from: number;
  readonly to: number;
  readonly code: string;
  /** Names of calls; none: all. */
  readonly calls: readonly (keyof Disk)[];
  readonly probability: number;
}

export interface DiskWorld {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  readonly faults: readonly DiskFault[];
  /** Most that a call which does not wait takes. */
  readonly latencyMs: number;
  readonly capacity: number;
  /** Writes and reads may be short. */
  readonly isShort: boolean;
}

const blockBytes = 512;

export class SimulatedDisk {
  readonly #world: DiskWorld;
  readonly #root: Folder = { kind: 'folder', entries: new Map(), mtimeMs: 0 };
  #usedBytes = 0;

  constructor(world: DiskWorld) {
    this.#world = world;
  }

  /** All files, by path. */
  files(from: Folder = this.#root, at = ''): [string, SimulatedFile][] {
    return [...from.entries].flatMap(([name, node]): [string, SimulatedFile][] =>
      node.kind === 'folder' ? this.files(node, `${at}/${name}`) : [[`${at}/${name}`, node]],
    );
  }

  /** What was written and not synced is lost, or half of it, or is something else. */
  cutPower(): void {
    const { chance } = this.#world;
    for (const [, file] of this.files()) {
      const size = chance.is(0.3) ? file.synced : chance.integer(file.synced, file.size);
      if (chance.is(0.3)) file.bytes.fill(0, chance.integer(file.synced, size), size);
      else if (chance.is(0.2) && size > file.synced)
        file.bytes[chance.integer(file.synced, size - 1)] = chance.integer(0, 255);
      this.#resize(file, size);
      file.synced = size;
    }
  }

  /** Someone deletes a file or a folder with all that is in it. */
  remove(place: string): void {
    const { folder, name } = this.#parent(place);
    const node = folder.entries.get(name);
    const files = node?.kind === 'folder' ? this.files(node).map(([, file]) => file) : node === undefined ? [] : [node];
    for (const file of files) {
      file.links -= 1;
      this.#usedBytes -= file.size;
    }
    folder.entries.delete(name);
  }

  /** @returns what removes it again, wherever its folder is by then */
  makeSocket(place: string): () => void {
    const { folder, name } = this.#parent(place);
    if (folder.entries.has(name)) throw failure('EADDRINUSE', place);
    folder.entries.set(name, { kind: 'socket', bytes: Buffer.alloc(0), size: 0, synced: 0, links: 1 });
    return () => folder.entries.delete(name);
  }

  /** As a process sees it. @param dies is asked before each call: whether the process ends now */
  for(dies: () => boolean): Disk {
    const { clock, chance } = this.#world;
    const open = new Map<number, Node>();
    let handles = 10;
    const fileOf = (handle: number): SimulatedFile => {
      const node = open.get(handle);
      if (node === undefined || node.kind === 'folder') throw failure('EBADF', String(handle));
      return node;
    };
    const read = (handle: number, into: Buffer, at: number, length: number, position: number): number => {
      const file = fileOf(handle);
      const there = Math.max(0, Math.min(length, file.size - position));
      const some = this.#world.isShort && there > 1 && chance.is(0.1) ? chance.integer(1, there) : there;
      return file.bytes.copy(into, at, position, position + some);
    };
    const later = (callback: () => void): void =>
      clock.at(clock.now() + chance.next() * this.#world.latencyMs, () => {
        if (!dies()) callback();
      });
    const calls = {
      openSync: (place: string, flags: number) => {
        const node = this.#opened(place, flags);
        handles += 1;
        open.set(handles, node);
        return handles;
      },
      closeSync: (handle: number) => {
        if (!open.delete(handle)) throw failure('EBADF', String(handle));
      },
      readSync: read,
      writeSync: (handle: number, bytes: Buffer, at: number, length: number, position: number) => {
        const file = fileOf(handle);
        const some = this.#world.isShort && length > 1 && chance.is(0.05) ? chance.integer(1, length) : length;
        const most = Math.min(some, Math.max(0, this.#world.capacity - this.#usedBytes + file.size - position));
        if (most === 0) throw failure('ENOSPC', 'write');
        grow(file, position + most);
        bytes.copy(file.bytes, position, at, at + most);
        this.#resize(file, Math.max(file.size, position + most));
        file.synced = Math.min(file.synced, position);
        return most;
      },
      ftruncateSync: (handle: number, size: number) => {
        const file = fileOf(handle);
        this.#resize(file, size);
        file.synced = Math.min(file.synced, size);
      },
      fchmodSync: () => {},
      fstatSync: (handle: number) => statsOf(open.get(handle) as Node),
      lstatSync: (place: string) => statsOf(this.#find(place)),
      mkdirSync: (place: string, options?: { recursive?: boolean }) => {
        if (options?.recursive !== true || !this.#has(place)) this.#makeFolder(place);
      },
      readdirSync: (place: string) => [...this.#folder(place).entries.keys()].sort(),
      readlinkSync: (place: string) => {
        throw failure('EINVAL', place);
      },
      renameSync: (from: string, to: string) => this.#rename(from, to),
      rmdirSync: (place: string) => {
        if (this.#folder(place).entries.size > 0) throw failure('ENOTEMPTY', place);
        this.remove(place);
      },
      unlinkSync: (place: string) => {
        this.#find(place);
        this.remove(place);
      },
      utimesSync: (place: string) => {
        const node = this.#find(place);
        if (node.kind === 'folder') node.mtimeMs = clock.now();
      },
      statfsSync: () => ({
        bavail: Math.max(0, Math.floor((this.#world.capacity - this.#usedBytes) / blockBytes)),
        bsize: blockBytes,
      }),
    };
    const withFaults = Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        (...args: never[]) => {
          if (dies()) throw failure('EKILLED', name);
          this.#fail(name as keyof Disk);
          return (call as (...given: never[]) => unknown)(...args);
        },
      ]),
    );
    const waiting = {
      read: (handle: number, into: Buffer, at: number, length: number, position: number, done: ReadCallback) =>
        later(() =>
          this.#answer('read', (error) => done(error, error === null ? read(handle, into, at, length, position) : 0)),
        ),
      fdatasync: (handle: number, done: (error: Error | null) => void) => {
        const file = fileOf(handle);
        const { size } = file;
        later(() =>
          this.#answer('fdatasync', (error) => {
            if (error === null) file.synced = Math.max(file.synced, Math.min(size, file.size));
            done(error);
          }),
        );
      },
      fsync: (_handle: number, done: (error: Error | null) => void) => later(() => this.#answer('fsync', done)),
    };
    return { ...withFaults, ...waiting } as unknown as Disk;
  }

  /** @throws what goes wrong now */
  #fail(name: keyof Disk): void {
    const { clock, chance, faults } = this.#world;
    const now = clock.now();
    for (const { from, to, code, calls, probability } of faults) {
      const isOn = from <= now && now < to && (calls.length === 0 || calls.includes(name));
      if (isOn && chance.is(probability)) throw failure(code, name);
    }
  }

  #answer(name: keyof Disk, done: (error: Error | null) => void): void {
    let error: Error | null = null;
    try {
      this.#fail(name);
    } catch (thrown) {
      error = thrown as Error;
    }
    done(error);
  }

  #opened(place: string, flags: number): Node {
    const { folder, name } = this.#parent(place);
    const isNew = (flags & flagsOf.create) !== 0;
    const there = name === '' ? this.#root : folder.entries.get(name);
    if (there !== undefined && isNew && (flags & flagsOf.exclusive) !== 0) throw failure('EEXIST', place);
    if (there !== undefined) return there;
    if (!isNew) throw failure('ENOENT', place);
    const file: SimulatedFile = { kind: 'file', bytes: Buffer.alloc(0), size: 0, synced: 0, links: 1 };
    folder.entries.set(name, file);
    return file;
  }

  #makeFolder(place: string): void {
    const { folder, name } = this.#parent(place);
    if (folder.entries.has(name)) throw failure('EEXIST', place);
    folder.entries.set(name, { kind: 'folder', entries: new Map(), mtimeMs: this.#world.clock.now() });
  }

  #rename(from: string, to: string): void {
    const node = this.#find(from);
    const source = this.#parent(from);
    const target = this.#parent(to);
    const there = target.folder.entries.get(target.name);
    if (there?.kind === 'folder' && there.entries.size > 0) throw failure('ENOTEMPTY', to);
    source.folder.entries.delete(source.name);
    target.folder.entries.set(target.name, node);
  }

  #has(place: string): boolean {
    const { folder, name } = this.#parent(place);
    return folder.entries.has(name);
  }

  #find(place: string): Node {
    const { folder, name } = this.#parent(place);
    const node = name === '' ? this.#root : folder.entries.get(name);
    if (node === undefined) throw failure('ENOENT', place);
    return node;
  }

  #folder(place: string): Folder {
    const node = this.#find(place);
    if (node.kind !== 'folder') throw failure('ENOTDIR', place);
    return node;
  }

  #resize(file: SimulatedFile, size: number): void {
    if (file.links > 0) this.#usedBytes += size - file.size;
    file.size = size;
  }

  #parent(place: string): { folder: Folder; name: string } {
    const names = path
      .resolve(place)
      .split('/')
      .filter((one) => one !== '');
    const name = names.pop() ?? '';
    let folder = this.#root;
    for (const one of names) {
      const next = folder.entries.get(one);
      if (next === undefined) throw failure('ENOENT', place);
      if (next.kind !== 'folder') throw failure('ENOTDIR', place);
      folder = next;
    }
    return { folder, name };
  }
}

type ReadCallback = (error: Error | null, read: number) => void;

const flagsOf = { create: 0o100, exclusive: 0o200 };

function failure(code: string, what: string): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(`${code}: made by the simulation, ${what}`), { code });
  Error.stackTraceLimit = limit;
  return error;
}

function grow(file: SimulatedFile, size: number): void {
  if (size <= file.bytes.length) return;
  const grown = Buffer.alloc(Math.max(size, 2 * file.bytes.length));
  file.bytes.copy(grown, 0, 0, file.size);
  file.bytes = grown;
}

function statsOf(node: Node): Stats {
  const isFolder = node.kind === 'folder';
  return {
    uid: process.geteuid?.(),
    gid: process.getegid?.(),
    mode: isFolder ? 0o40700 : 0o100600,
    size: isFolder ? 0 : node.size,
    nlink: isFolder ? 2 : node.links,
    mtimeMs: isFolder ? node.mtimeMs : 0,
    isDirectory: () => isFolder,
    isFile: () => node.kind === 'file',
    isSymbolicLink: () => false,
  } as unknown as Stats;
}
