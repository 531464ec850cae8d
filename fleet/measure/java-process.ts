// What an agent's process uses: CPU and threads from /proc, live objects from the JVM itself.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { FlumeAgent } from '../../test/flume/flume-agent.ts';
import { javaTool } from '../../test/flume/maven.ts';

// USER_HZ of Linux: in these units /proc tells CPU.
const ticksPerSecond = 100;

/** Seconds of CPU since its start, user and system. */
export function cpuSeconds(agent: FlumeAgent): number {
  const stat = readFileSync(`/proc/${pidOf(agent)}/stat`, 'utf8');
  // The name, in brackets, may have blanks; the state follows it, which is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export function threads(agent: FlumeAgent): number {
  return readdirSync(`/proc/${pidOf(agent)}/task`).length;
}

export function residentBytes(agent: FlumeAgent): number {
  const status = readFileSync(`/proc/${pidOf(agent)}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Bytes of the objects that are reachable: the JVM collects first. */
export function liveHeapBytes(agent: FlumeAgent): number {
  const histogram = execFileSync(javaTool('jcmd'), [String(pidOf(agent)), 'GC.class_histogram'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return Number(/^Total\s+\d+\s+(\d+)/m.exec(histogram)?.[1]);
}

function pidOf(agent: FlumeAgent): number {
  if (agent.pid === undefined) throw new Error('the agent does not run');
  return agent.pid;
}
