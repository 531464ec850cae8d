// flume-spool list: who has what in a spool.

import { escaped, setAsideName } from 'flume-thrift-client/commands';
import { ageText, bytesText, countText } from './amount.ts';
import type { SurveyedFolder } from './spool-survey.ts';
import { table, writerText } from './spool-text.ts';
import { survey, walk } from './spool-walk.ts';

interface Totals {
  waiting: number;
  settled: number;
  createdMs: number;
  note: string;
}

export interface ListOptions {
  /** Segment by segment; in JSON always. */
  readonly segments: boolean;
  /** One JSON object for programs, in place of a table. */
  readonly json: boolean;
}

/** @returns the exit status */
export async function listSpool(dir: string, { segments: isDetailed, json }: ListOptions): Promise<number> {
  const { folders, setAside } = await survey(dir);
  const bySegment = new Map<string, Totals>();
  await walk('reading', folders, {
    opened: (_folder, { path }, { createdMs = Date.now() }) => {
      bySegment.set(path, { waiting: 0, settled: 0, createdMs, note: '' });
      return true;
    },
    step: (step, { path }) => {
      const totals = bySegment.get(path) as Totals;
      if (step.tag === 'damage') totals.note = 'damaged';
      else if (step.tag === 'event' && step.isSettled) totals.settled += 1;
      else if (step.tag === 'event') totals.waiting += 1;
    },
    failed: (_folder, { path }, why) => {
      bySegment.set(path, { waiting: 0, settled: 0, createdMs: Date.now(), note: why });
    },
  });
  if (json) {
    const listed = folders.map((folder) => jsonOf(folder, bySegment));
    const waiting = listed.reduce((sum, folder) => sum + folder.waiting, 0);
    const bytes = listed.reduce((sum, folder) => sum + folder.bytes, 0);
    process.stdout.write(`${JSON.stringify({ folders: listed, waiting, bytes, setAside })}\n`);
    return 0;
  }
  const rows = [['folder', 'writer', 'segments', 'protocol', 'waiting', 'settled', 'bytes', 'age', '']];
  let waiting = 0;
  for (const folder of folders) {
    const sum = sumOf(folder, bySegment);
    waiting += sum.waiting;
    const protocols = [...new Set(folder.segments.map(({ identity }) => identity.protocol))].join(' ');
    rows.push([folder.name, writerText(folder), ...cells(folder.segments.length, protocols, folder.bytes, sum)]);
    if (!isDetailed) continue;
    for (const { name, path, identity, bytes } of folder.segments) {
      const totals = bySegment.get(path);
      if (totals !== undefined) rows.push([`  ${name}`, '', ...cells(undefined, identity.protocol, bytes, totals)]);
    }
  }
  if (folders.length > 0) process.stdout.write(`${table(rows)}\n\n`);
  const bytes = folders.reduce((sum, folder) => sum + folder.bytes, 0);
  const verb = waiting === 1 ? 'waits' : 'wait';
  process.stdout.write(
    `${countText(folders.length, 'folder')}, ${countText(waiting, 'event')} ${verb}, ${bytesText(bytes)}\n`,
  );
  if (setAside.files > 0) {
    process.stdout.write(
      `${countText(setAside.files, 'file')} in ${setAsideName}, ${bytesText(setAside.bytes)}: could not be read\n`,
    );
  }
  return 0;
}

function sumOf(folder: SurveyedFolder, bySegment: ReadonlyMap<string, Totals>): Totals {
  const sum = { waiting: 0, settled: 0, createdMs: Date.now(), note: folder.obstacle ?? '' };
  for (const { path } of folder.segments) {
    const totals = bySegment.get(path);
    if (totals === undefined) continue;
    sum.waiting += totals.waiting;
    sum.settled += totals.settled;
    sum.createdMs = Math.min(sum.createdMs, totals.createdMs);
    sum.note ||= totals.note;
  }
  return sum;
}

/** A folder for programs: sizes in bytes, times in milliseconds since the epoch. */
function jsonOf(folder: SurveyedFolder, bySegment: ReadonlyMap<string, Totals>) {
  const { name, owner, state, bytes } = folder;
  const segments = folder.segments.flatMap((segment) => {
    const totals = bySegment.get(segment.path);
    return totals === undefined
      ? []
      : [{ name: segment.name, protocol: segment.identity.protocol, bytes: segment.bytes, ...totals }];
  });
  return { name, pid: owner.pid, state, bytes, ...sumOf(folder, bySegment), segments };
}

function cells(segments: number | undefined, protocol: string, bytes: number, totals: Totals): string[] {
  return [
    segments === undefined ? '' : `${segments}`,
    protocol,
    totals.waiting.toLocaleString('en-US'),
    totals.settled.toLocaleString('en-US'),
    bytesText(bytes),
    ageText(Date.now() - totals.createdMs),
    escaped(totals.note),
  ];
}
