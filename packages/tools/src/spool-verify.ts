// flume-spool verify: reads all of a spool and says where it is damaged.

import { escaped, protocolNamed, Reader, type SegmentScan } from 'flume-thrift-client/commands';
import { bytesText, countText } from './amount.ts';
import type { SurveyedFolder, SurveyedSegment } from './spool-survey.ts';
import { survey, walk } from './spool-walk.ts';

/**
 * @param json one JSON object for programs, in place of lines
 * @returns the exit status: 1 where there is damage
 */
export async function verifySpool(dir: string, json: boolean): Promise<number> {
  const { folders, setAside } = await survey(dir);
  let [segments, bytes, events, lost] = [0, 0, 0, 0];
  const damaged = new Set<string>();
  let current = '';
  let isAlive = false;
  const findings: { readonly place: string; readonly text: string; readonly damage: boolean }[] = [];
  const say = (text: string, damage = false): void => {
    if (json) findings.push({ place: current, text, damage });
    else process.stdout.write(`${escaped(`${current}: ${text}`)}\n`);
  };
  const complain = (line: string): void => {
    damaged.add(current);
    say(line, true);
  };
  const begin = (folder: SurveyedFolder, segment: SurveyedSegment): void => {
    current = `${folder.name}/${segment.name}`;
    isAlive = folder.state === 'alive';
    segments += 1;
    bytes += segment.bytes;
  };

  await walk('verifying', folders, {
    opened: (folder, segment, scan) => {
      begin(folder, segment);
      if (scan.isHeaderDamaged) complain('the header is damaged');
      return true;
    },
    step: (step, segment, scan) => {
      if (step.tag === 'event') {
        events += 1;
        if (!isEvent(scan, step.record, segment)) complain(`byte ${step.record.start}: a whole record, but no event`);
      } else if (step.tag === 'damage') {
        lost += step.events;
        const what = step.bytes === 0 ? 'records are missing' : `${countText(step.bytes, 'byte')} of no record`;
        complain(`byte ${step.at}: ${what}, ${countText(step.events, 'event')} lost`);
      } else if (!isAlive) {
        say(
          `byte ${step.at}: the last ${countText(step.bytes, 'byte')} are of a record that was not written to its end`,
        );
      }
    },
    failed: (folder, segment, why) => {
      begin(folder, segment);
      complain(why);
    },
  });

  for (const { name, strangers, obstacle, state } of folders) {
    current = name;
    for (const stranger of strangers) say(`${stranger} is none of a writer's files`);
    if (obstacle !== undefined && state !== 'alive') say(`nobody adopts it: ${obstacle}`);
  }
  if (json) {
    const counts = { segments, events, bytes, damaged: damaged.size, lost };
    process.stdout.write(`${JSON.stringify({ ...counts, findings, setAside })}\n`);
    return damaged.size === 0 ? 0 : 1;
  }
  const sum = `${countText(segments, 'segment')}, ${countText(events, 'event')}, ${bytesText(bytes)}`;
  const verdict = damaged.size === 0 ? 'no damage' : `${damaged.size} damaged, ${countText(lost, 'event')} lost`;
  process.stdout.write(`${sum}: ${verdict}\n`);
  if (setAside.files > 0) process.stdout.write(`Set aside earlier: ${countText(setAside.files, 'file')}\n`);
  return damaged.size === 0 ? 0 : 1;
}

function isEvent(
  scan: SegmentScan,
  record: Parameters<SegmentScan['payload']>[0],
  { identity }: SurveyedSegment,
): boolean {
  try {
    protocolNamed(identity.protocol).readEvent(new Reader(scan.payload(record)));
    return true;
  } catch {
    return false;
  }
}
