// Counts what 1,000 events cost, in a process whose memory nothing else touches.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Numbers } from './comparison.ts';
import { numbersOf, program } from './program.ts';

const flags = [
  '--expose-gc',
  // A young generation so large that nothing is collected while bytes are counted.
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  // Compiled when it is due, however busy the machine's other processors are.
  '--no-concurrent-recompilation',
];

export function decayCounts(): Promise<Numbers> {
  return numbersOf(program('decay', {}, flags));
}

/** Takes what is counted now as the new baseline. */
export async function acceptDecay(): Promise<Numbers> {
  const counts = await decayCounts();
  writeFileSync(path.join(import.meta.dirname, '../decay.json'), `${JSON.stringify(counts, null, 2)}\n`);
  return counts;
}
