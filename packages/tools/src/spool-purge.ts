// flume-spool purge: deletes what dead writers left, and what was set aside. Events that wait there are lost.

import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import {
  diskErrorCode,
  note,
  ownerState,
  parseFolderName,
  placesIn,
  setAsideName,
  systemDisk,
  UsageError,
} from 'flume-thrift-client/commands';
import { bytesText, countText } from './amount.ts';
import { survey, walk } from './spool-walk.ts';

/** A folder that is deleted is renamed first, so that no writer adopts it meanwhile. */
const purgedName = 'purged-';

/** @returns the exit status: 1 where something could not be deleted */
export async function purgeSpool(command: string, dir: string, isSure: boolean): Promise<number> {
  const { folders, setAside } = await survey(dir);
  for (const { name, owner, state } of folders) {
    if (state === 'alive') note(command, `${name}: its writer is alive (process ${owner.pid}), so it stays`);
  }
  const left = folders.filter(({ state }) => state !== 'alive');
  const places = placesIn(systemDisk, dir);
  const rests = places.flatMap((place) =>
    systemDisk
      .readdirSync(place)
      .filter((name) => isRest(place, name))
      .map((name) => join(place, name)),
  );
  if (left.length === 0 && setAside.files === 0 && rests.length === 0) {
    note(command, 'nothing to delete');
    return 0;
  }
  if (!isSure) {
    let waiting = 0;
    await walk('counting', left, {
      step: (step) => {
        if (step.tag === 'event' && !step.isSettled) waiting += 1;
        return undefined;
      },
      failed: () => {},
    });
    const bytes = left.reduce((sum, folder) => sum + folder.bytes, setAside.bytes);
    const what = [
      `${countText(left.length, 'folder')} with ${countText(waiting, 'event')} that nobody has delivered`,
      ...(setAside.files > 0 ? [`${countText(setAside.files, 'file')} in ${setAsideName}`] : []),
      ...(rests.length > 0 ? [`${countText(rests.length, 'folder')} that an earlier purge did not finish`] : []),
    ].join(' and ');
    if (!(await agrees(`Delete ${what}, ${bytesText(bytes)}?`))) return 0;
  }

  let status = 0;
  for (const { path, owner } of left) {
    // The question may have been open for long.
    if ((await ownerState(systemDisk, dirname(path), owner)) === 'alive') continue;
    status = Math.max(status, claimAndDelete(command, path));
  }
  const asides = setAside.files === 0 ? [] : places.map((place) => join(place, setAsideName));
  for (const path of asides.filter((one) => existsSync(one))) status = Math.max(status, claimAndDelete(command, path));
  for (const path of rests) rmSync(path, { recursive: true, force: true });
  return status;
}

/** A folder that this command has renamed, and then was ended. */
function isRest(dir: string, name: string): boolean {
  if (!name.startsWith(purgedName)) return false;
  const before = name.slice(purgedName.length);
  const isOurs = before === setAsideName || parseFolderName(before) !== undefined;
  return isOurs && systemDisk.lstatSync(join(dir, name)).isDirectory();
}

function claimAndDelete(command: string, path: string): number {
  const name = basename(path);
  const claimed = join(dirname(path), `${purgedName}${name}`);
  try {
    systemDisk.renameSync(path, claimed);
    rmSync(claimed, { recursive: true, force: true });
    note(command, `${name}: deleted`);
    return 0;
  } catch (error) {
    if (diskErrorCode(error) === 'ENOENT') {
      note(command, `${name}: a living writer has adopted it meanwhile, so it stays`);
      return 0;
    }
    note(command, `${name}: ${(error as Error).message}`);
    return 1;
  }
}

/** @throws UsageError where nobody can be asked */
async function agrees(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new UsageError(`purge: expected --yes where nobody can be asked. ${question}`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
