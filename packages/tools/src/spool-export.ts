// flume-spool export: the events that wait, as lines of JSON on stdout. They go on waiting.

import { once } from 'node:events';
import { headersOf, note, protocolNamed, Reader, simpleJson } from 'flume-thrift-client/commands';
import { countText } from './amount.ts';
import { survey, walk } from './spool-walk.ts';

const writeChars = 64 * 1024;

/** @returns the exit status: 1 where events could not be read */
export async function exportSpool(command: string, dir: string): Promise<number> {
  const { folders } = await survey(dir);
  const { stdout } = process;
  let lines = '';
  let [exported, lost] = [0, 0];
  let hasReader = true;
  stdout.on('error', () => {
    hasReader = false;
  });
  const write = async (): Promise<void> => {
    const text = lines;
    lines = '';
    // A drain that never comes, since the reader left meanwhile, rejects.
    if (hasReader && !stdout.write(text)) await once(stdout, 'drain').catch(() => {});
  };

  await walk('exporting', folders, {
    opened: () => hasReader,
    step: (step, { identity }, scan) => {
      if (step.tag === 'damage') lost += Math.max(1, step.events);
      if (step.tag !== 'event' || step.isSettled || !hasReader) return undefined;
      try {
        const { headers, body } = protocolNamed(identity.protocol).readEvent(new Reader(scan.payload(step.record)));
        lines += simpleJson({ headers: headersOf(headers), body });
        exported += 1;
      } catch {
        lost += 1;
      }
      return lines.length < writeChars ? undefined : write();
    },
    failed: (folder, segment, why) => {
      lost += 1;
      note(command, `${folder.name}/${segment.name}: ${why}`);
    },
  });
  await write();
  if (lost === 0) return 0;
  note(command, `${countText(exported, 'event')} exported; some are damaged, see ${command} verify`);
  return 1;
}
