// Reads a spool for the commands: every segment from its beginning to its end, with constant memory and a line of progress.

import { setImmediate as turn } from 'node:timers/promises';
import { diskErrorCode, type ScanStep, SegmentScan, systemDisk, UsageError } from 'flume-thrift-client/commands';
import { bytesText } from './amount.ts';
import { Progress } from './progress.ts';
import { type Survey, type SurveyedFolder, type SurveyedSegment, surveySpool } from './spool-survey.ts';

/** @throws UsageError where there is no such folder */
export async function survey(dir: string): Promise<Survey> {
  try {
    return await surveySpool(systemDisk, dir);
  } catch (error) {
    throw new UsageError(`${dir}: expected the folder of a file channel: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export interface Visitor {
  /** A segment begins. @returns false where it is not to be read on */
  readonly opened?: (folder: SurveyedFolder, segment: SurveyedSegment, scan: SegmentScan) => boolean;
  /** @returns a promise where the next has to wait for it */
  readonly step: (step: ScanStep, segment: SurveyedSegment, scan: SegmentScan) => Promise<void> | undefined;
  /** It cannot be read at all. */
  readonly failed: (folder: SurveyedFolder, segment: SurveyedSegment, why: string) => void;
}

/** Shows every segment to the visitor. */
export async function walk(label: string, folders: readonly SurveyedFolder[], visitor: Visitor): Promise<void> {
  const total = folders.flatMap(({ segments }) => segments).reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  const progress = new Progress(label, () => ({ done: bytesText(done), part: total === 0 ? 1 : done / total }));
  try {
    for (const folder of folders) {
      for (const segment of folder.segments) {
        const before = done;
        await walkSegment(folder, segment, visitor, (at) => {
          done = before + at;
        });
        done = before + segment.bytes;
      }
    }
  } finally {
    progress.end();
  }
}

async function walkSegment(
  folder: SurveyedFolder,
  segment: SurveyedSegment,
  visitor: Visitor,
  reached: (at: number) => void,
): Promise<void> {
  let scan: SegmentScan;
  try {
    scan = new SegmentScan(systemDisk, segment.path, segment.identity);
  } catch (error) {
    // Its writer, or who adopted it, has delivered it meanwhile.
    if (diskErrorCode(error) !== 'ENOENT') visitor.failed(folder, segment, (error as Error).message);
    return;
  }
  try {
    if (scan.isForeign) {
      visitor.failed(folder, segment, `it has format version ${scan.version}, which this command does not know`);
      return;
    }
    if (visitor.opened?.(folder, segment, scan) === false) return;
    for (let step = scan.next(); step !== undefined; step = scan.next()) {
      if (step === 'more') {
        scan.fillAround();
        await turn();
        continue;
      }
      if (step.tag === 'event') reached(step.record.end);
      const wait = visitor.step(step, segment, scan);
      if (wait !== undefined) await wait;
    }
  } finally {
    scan.close();
  }
}
