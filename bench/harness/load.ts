// Whose the CPU was: how much of the machine others used, and the hypervisor took, while our processes worked. Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Ticks of the kernel's clock since the machine, and our oldest process, started. */
interface Ticks {
  /** Of all processors, idle ones included. */
  readonly all: number;
  readonly busy: number;
  readonly stolen: number;
  /** Of this process and of all that descend from it, those that have ended included. */
  readonly ours: number;
}

/** Parts of the machine's whole CPU, in percent. */
export interface Load {
  /** Used by processes that are not ours. */
  readonly othersPart: number;
  /** Taken by the hypervisor for other machines. */
  readonly stolenPart: number;
}

// The kernel counts in steps of 10 ms.
const leastTicks = 20;

/** Starts looking; the function returned says what it was since. undefined: not Linux, or too short a time to say. */
export function watchLoad(): () => Load | undefined {
  const before = ticks();
  return () => {
    const after = ticks();
    if (before === undefined || after === undefined || after.all - before.all < leastTicks) return undefined;
    const part = (used: number): number => (100 * Math.max(0, used)) / (after.all - before.all);
    return {
      othersPart: part(after.busy - before.busy - (after.ours - before.ours)),
      stolenPart: part(after.stolen - before.stolen),
    };
  };
}

// An idle system uses 1 or 2 %.
const quietPart = 8;
const looks = 3;
const lookMs = 10_000;
const betweenLooksMs = 30_000;

/** Looks at what others do while we do nothing, three times where they do too much. */
export async function isQuiet(say: (line: string) => void): Promise<boolean> {
  for (let look = 1; look <= looks; look += 1) {
    const load = watchLoad();
    await delay(lookMs);
    const { othersPart = 0, stolenPart = 0 } = load() ?? {};
    const part = othersPart + stolenPart;
    if (part <= quietPart) return true;
    say(`Others use ${part.toFixed(0)} % of the machine, ${quietPart} % would do: look ${look} of ${looks}.`);
    if (look < looks) await delay(betweenLooksMs);
  }
  return false;
}

function ticks(): Ticks | undefined {
  if (process.platform !== 'linux') return undefined;
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, hard = 0, soft = 0, stolen = 0] = line
    .split(/ +/)
    .slice(1)
    .map(Number);
  const all = user + nice + system + idle + waiting + hard + soft + stolen;
  // Interrupts belong to nobody.
  return { all, busy: user + nice + system, stolen, ours: ourTicks() };
}

// What a process that has ended used is counted with whoever waited for it: our processes wait for theirs.
function ourTicks(): number {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(processNamed);
  const family = new Set([process.pid]);
  let used = 0;
  // A set grows while it is walked.
  for (const pid of family) {
    for (const one of processes) {
      if (one.parent === pid) family.add(one.pid);
      if (one.pid === pid) used += one.used;
    }
  }
  return used;
}

function processNamed(name: string): { pid: number; parent: number; used: number }[] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // Behind the name, which may have any character in it: state, parent, …; from the 12th on the four times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const used = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [{ pid: Number(name), parent: Number(fields[1]), used }];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
