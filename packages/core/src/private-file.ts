// Opens what is nobody else's business: files of ours alone, in folders that nobody else can lead elsewhere. Where several
// users share a machine, one may have put a link, a FIFO or a file of his own where ours is to be.

import fs from 'node:fs';
import { type FileHandle, open as openHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';

/** The file system, as far as it is needed. */
export type Files = Pick<
  typeof fs,
  'closeSync' | 'fchmodSync' | 'fstatSync' | 'lstatSync' | 'mkdirSync' | 'openSync' | 'readlinkSync' | 'readSync'
>;

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;
// Windows has none of these, nor links that anybody may make, nor owners.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = fs.constants as Partial<typeof fs.constants>;
const neverWait = O_NONBLOCK | O_NOCTTY;

const openings = {
  /** There must be none yet. */
  new: O_RDWR | O_CREAT | O_EXCL,
  /** It must be there. */
  old: O_RDWR,
  /** To append to, or a new one. */
  append: O_WRONLY | O_CREAT | O_APPEND,
};

/**
 * Opens a file of ours to write to: one regular file, reached through no link, with no other name, and with no rights for
 * others, which are taken away where there are any.
 *
 * @param onMended hears where the file had such rights, as `'0644'`
 * @throws what the file system throws, or an Error saying what is wrong with the file
 */
export function privateFile(
  files: Files,
  path: string,
  opening: keyof typeof openings,
  onMended?: (mode: string) => void,
): number {
  const file = open(files, path, openings[opening] | O_NOFOLLOW);
  try {
    const wrongMode = modeToMend(path, files.fstatSync(file));
    if (wrongMode !== undefined) {
      files.fchmodSync(file, 0o600);
      onMended?.(wrongMode);
    }
    return file;
  } catch (error) {
    files.closeSync(file);
    throw error;
  }
}

/** The same, to append to a file on a disk that may be slow. */
export async function privateHandle(path: string, onMended?: (mode: string) => void): Promise<FileHandle> {
  const flags = openings.append | O_NOFOLLOW | neverWait;
  const handle = await openHandle(path, flags, 0o600).catch((error: unknown) => {
    throw inWords(path, error);
  });
  try {
    const wrongMode = modeToMend(path, await handle.stat());
    if (wrongMode !== undefined) {
      await handle.chmod(0o600);
      onMended?.(wrongMode);
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Opens a regular file to read; nothing else is waited for.
 *
 * @param links `'refused'`, or `'followed'` for a file whose place somebody chose: certificates are often behind a link,
 * which is changed for a new one
 */
export function readableFile(files: Files, path: string, links: 'refused' | 'followed' = 'refused'): number {
  const file = open(files, path, O_RDONLY | (links === 'refused' ? O_NOFOLLOW : 0));
  try {
    if (files.fstatSync(file).isFile()) return file;
    throw new Error(`${path} is no file`);
  } catch (error) {
    files.closeSync(file);
    throw error;
  }
}

/** The first `maxBytes` of a file at most. */
export function fileBytes(files: Files, path: string, maxBytes: number, links?: 'refused' | 'followed'): Buffer {
  const file = readableFile(files, path, links);
  try {
    const bytes = Buffer.alloc(Math.min(maxBytes, files.fstatSync(file).size));
    let read = 0;
    for (let count = -1; read < bytes.length && count !== 0; read += count) {
      count = files.readSync(file, bytes, read, bytes.length - read, read);
    }
    return bytes.subarray(0, read);
  } finally {
    files.closeSync(file);
  }
}

/**
 * Checks that a folder is where its path says, whatever other users do: it and all around it belong to us or to root, and
 * so do the links on the way. With `make`, what is missing is made, for us alone.
 *
 * @returns what the folder is
 * @throws what the file system throws, or an Error saying what is wrong and where
 */
export function checkWay(files: Files, path: string, make = false): fs.Stats {
  let at = resolve(path).slice(0, resolve(path).indexOf(sep) + 1);
  const ahead = stepsOf(resolve(path).slice(at.length));
  let stats = files.lstatSync(at);
  let links = 0;
  while (ahead.length > 0) {
    const name = ahead.shift() as string;
    const place = name === '..' ? dirname(at) : join(at, name);
    stats = make ? madeFolder(files, place) : files.lstatSync(place);
    if (!isTrusted(stats.uid))
      throw new Error(`${place} belongs to another user, who could lead what is below elsewhere`);
    if (!stats.isSymbolicLink()) {
      if (!stats.isDirectory()) throw Object.assign(new Error(`ENOTDIR: ${place} is no folder`), { code: 'ENOTDIR' });
      at = place;
      continue;
    }
    links += 1;
    if (links > maxLinks) throw new Error(`${place} is a link that leads to itself`);
    const target = files.readlinkSync(place);
    ahead.unshift(...stepsOf(target));
    if (isAbsolute(target)) at = sep;
  }
  return stats;
}

/** The harm that other users could do in a folder of ours, or undefined. */
export function wrongFolder(stats: fs.Stats): string | undefined {
  if (!stats.isDirectory()) return 'is no folder';
  const user = ownUser();
  if (user === undefined) return undefined;
  if (stats.uid !== user) return 'belongs to another user';
  return (stats.mode & (isForOurGroup(stats) ? 0o002 : 0o022)) === 0
    ? undefined
    : 'is writable for other users: chmod 700';
}

/** Kubernetes gives all of a volume to the group of `fsGroup`, with the set-group-ID bit on folders. That group is the pod's. */
function isForOurGroup({ mode, gid }: fs.Stats): boolean {
  return (mode & 0o2000) !== 0 && [process.getegid?.(), ...(process.getgroups?.() ?? [])].includes(gid);
}

const maxLinks = 40;

function open(files: Files, path: string, flags: number): number {
  try {
    return files.openSync(path, flags | neverWait, 0o600);
  } catch (error) {
    throw inWords(path, error);
  }
}

function inWords(path: string, error: unknown): unknown {
  const wrong = wrongOpenings[(error as NodeJS.ErrnoException).code ?? ''];
  return wrong === undefined ? error : new Error(`${path} ${wrong}`, { cause: error });
}

const wrongOpenings: Readonly<Record<string, string>> = {
  ELOOP: 'is a link',
  // A FIFO that nobody reads, a socket.
  ENXIO: 'is no file',
};

function wrongFile(stats: fs.Stats): string | undefined {
  if (!stats.isFile()) return 'is no file';
  if (stats.nlink > 1) return "has a second name, which may be somebody else's";
  const user = ownUser();
  return user === undefined || stats.uid === user ? undefined : 'belongs to another user';
}

/** @returns the rights that others have, where they have some. @throws where the file is none of ours */
function modeToMend(path: string, stats: fs.Stats): string | undefined {
  const wrong = wrongFile(stats);
  if (wrong !== undefined) throw new Error(`${path} ${wrong}`);
  const hasOthers = ownUser() !== undefined && (stats.mode & 0o077) !== 0;
  return hasOthers ? (stats.mode & 0o777).toString(8).padStart(4, '0') : undefined;
}

function madeFolder(files: Files, place: string): fs.Stats {
  try {
    return files.lstatSync(place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  try {
    files.mkdirSync(place, { mode: 0o700 });
  } catch (error) {
    // Another process was faster: it is looked at as any other.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return files.lstatSync(place);
}

const stepsOf = (path: string): string[] => path.split(sep).filter((step) => step !== '' && step !== '.');

function ownUser(): number | undefined {
  return process.geteuid?.();
}

function isTrusted(uid: number): boolean {
  const user = ownUser();
  return user === undefined || uid === user || uid === 0;
}
