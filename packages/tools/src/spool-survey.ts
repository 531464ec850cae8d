// A survey of a spool, for people: its folders, whose they are, and their segments. It changes nothing.

import { join } from 'node:path';
import {
  checkFolder,
  type Disk,
  lockName,
  type OwnerState,
  ownerState,
  parseFolderName,
  parseSegmentName,
  placesIn,
  type SegmentIdentity,
  type SpoolOwner,
  setAsideName,
} from 'flume-thrift-client/commands';

export interface SurveyedFolder {
  readonly name: string;
  readonly path: string;
  readonly owner: SpoolOwner;
  readonly state: OwnerState;
  /** Why no writer adopts it, though its own is dead: it belongs to another user, say. */
  readonly obstacle: string | undefined;
  readonly segments: readonly SurveyedSegment[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** Names of files that no writer puts there. */
  readonly strangers: readonly string[];
}

export interface SurveyedSegment {
  readonly name: string;
  readonly path: string;
  readonly identity: SegmentIdentity;
  readonly bytes: number;
}

export interface Survey {
  readonly folders: readonly SurveyedFolder[];
  /** Files that writers could not read and have put aside. */
  readonly setAside: { readonly files: number; readonly bytes: number };
}

const maxTries = 5;

interface Listed {
  readonly place: string;
  readonly name: string;
  readonly path: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[] | undefined;
}

/** @throws what the disk throws where the spool itself cannot be read */
export async function surveySpool(disk: Disk, dir: string, tries: number = maxTries): Promise<Survey> {
  const listed = list(disk, dir);
  const ofWriters = listed.filter(({ name }) => parseFolderName(name) !== undefined);
  // One went while it was looked at; whoever adopted what is in it may have it where it was not yet.
  if (tries > 1 && ofWriters.some(({ files }) => files === undefined)) return surveySpool(disk, dir, tries - 1);
  const folders: SurveyedFolder[] = [];
  for (const { place, name, path, files = [] } of ofWriters) {
    const owner = parseFolderName(name) as SpoolOwner;
    folders.push({
      name,
      path,
      owner,
      state: await ownerState(disk, place, owner),
      obstacle: obstacleTo(disk, path),
      segments: files.flatMap((file): SurveyedSegment[] => {
        const identity = parseSegmentName(file.name);
        return identity === undefined ? [] : [{ ...file, identity, path: join(path, file.name) }];
      }),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      strangers: files
        .map((file) => file.name)
        .filter((file) => parseSegmentName(file) === undefined && !file.endsWith('.ack') && file !== lockName),
    });
  }
  const setAside = listed.filter(({ name }) => name === setAsideName).map(({ path }) => sizeOf(disk, path));
  return {
    folders,
    setAside: {
      files: setAside.reduce((sum, { files }) => sum + files, 0),
      bytes: setAside.reduce((sum, { bytes }) => sum + bytes, 0),
    },
  };
}

/** All at once, and writers' own folders first: segments move from these to folders of adopters. */
function list(disk: Disk, dir: string): Listed[] {
  return placesIn(disk, dir)
    .flatMap((place) => disk.readdirSync(place).map((name) => ({ place, name, path: join(place, name) })))
    .sort((a, b) => (a.name < b.name ? 1 : -1))
    .map((entry) => ({ ...entry, files: isLink(disk, entry.path) ? [] : filesIn(disk, entry.path) }))
    .reverse();
}

/** @returns undefined where there is no such folder */
function filesIn(disk: Disk, path: string): { name: string; bytes: number }[] | undefined {
  try {
    return disk
      .readdirSync(path)
      .sort()
      .map((name) => ({ name, bytes: bytesOf(disk, join(path, name)) }));
  } catch {
    return undefined;
  }
}

function sizeOf(disk: Disk, path: string): { files: number; bytes: number } {
  let [files, bytes] = [0, 0];
  for (const file of filesIn(disk, path) ?? []) {
    // A folder that was put aside as a whole.
    const inner = filesIn(disk, join(path, file.name));
    files += inner?.length ?? 1;
    bytes += inner?.reduce((sum, one) => sum + one.bytes, 0) ?? file.bytes;
  }
  return { files, bytes };
}

/** The target of a link is none of the spool's. */
function isLink(disk: Disk, path: string): boolean {
  try {
    return disk.lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

function bytesOf(disk: Disk, path: string): number {
  try {
    return disk.lstatSync(path).size;
  } catch {
    return 0;
  }
}

function obstacleTo(disk: Disk, path: string): string | undefined {
  try {
    checkFolder(disk, path);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
