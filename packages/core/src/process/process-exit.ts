// What happens to queued events when the process ends by itself or by process.exit(): the first gets a last drain, both get
// a line on stderr where events are left behind. No signal handlers.

import { writeSync } from 'node:fs';

export interface ExitParty {
  /** Starts a last drain, which keeps the process alive while it lasts. Not called again unless `dirty` again. */
  drainAtExit(): void;
  /** Saves what can be saved without waiting. @returns one line that says what is lost, or undefined */
  leftBehind(): string | undefined;
}

// Only parties that have something queued, so that a forgotten agent is not kept.
const parties = new Set<ExitParty>();

/** From now on the party has something to lose. Idempotent. */
export function joinExit(party: ExitParty): void {
  if (parties.size === 0) {
    process.on('beforeExit', drain);
    process.on('exit', report);
  }
  parties.add(party);
}

/** The party has nothing left to lose. Idempotent. */
export function leaveExit(party: ExitParty): void {
  if (!parties.delete(party) || parties.size > 0) return;
  process.off('beforeExit', drain);
  process.off('exit', report);
}

/** Writes one line on stderr, synchronously, so that it is seen even in a worker whose main thread waits for it. */
export function writeStderr(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // stderr is closed: there is nobody to tell.
  }
}

function drain(): void {
  for (const party of parties) party.drainAtExit();
}

function report(): void {
  for (const party of parties) {
    const line = party.leftBehind();
    if (line !== undefined) writeStderr(line);
  }
}
