// The limit of a source: frames encoded beforehand on a bare socket, with larger and larger calls and more of them in flight,
// until no more helps. It is searched and not assumed: every way is measured in every round.
import type { Subject } from '../harness/comparison.ts';
import { numbersOf, program } from '../harness/program.ts';

/** Events in a call, and calls in flight. */
export type Way = readonly [batch: number, inFlight: number];

export const limitName = 'bare socket';

export function limitOf(port: number, ways: readonly Way[], events: number): Subject[] {
  return ways.map(([batch, inFlight]) => ({
    name: `${limitName}, ${batch.toLocaleString('en-US')} × ${inFlight}`,
    run: () => numbersOf(program('deliver', { how: 'socket', events, batch, inFlight, ports: [port] })),
  }));
}

/** A virtual machine compiles what it runs often: a server is at its best for the first that is measured, too. */
export async function warm(port: number, events: number): Promise<void> {
  for (const { run } of limitOf(
    port,
    [
      [100, 4],
      [1_000, 4],
    ],
    events,
  ))
    await run();
}
