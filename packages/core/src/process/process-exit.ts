// The end of the process, by itself, by process.exit(), or by an error: one list of who has something to do then, and in
// which order. By itself it gets a last drain; else, or after that, queued events are saved without the event loop: on disk,
// or by a worker thread that delivers them while this one waits; those that cannot be saved are said in a line on stderr.
// Files are closed last. No signal handlers.

import { writeSync } from 'node:fs';
import { deliverAtExit, type ExitParcel, type ExitReceipt } from './exit-delivery.ts';

export interface ExitParty {
  /** Starts a last drain, which keeps the process alive while it lasts. Not called again unless `dirty` again. */
  drainAtExit(): void;
  /** Saves on disk what can be saved there. @returns what a worker should deliver, and how long that may take */
  giveAway(): { readonly parcel: ExitParcel; readonly timeoutMs: number } | undefined;
  /** Hears what the worker made of the parcel, or why nobody knows. */
  settle(receipt: ExitReceipt | string): void;
  /** @returns one line that says what is lost, or undefined */
  leftBehind(): string | undefined;
}

// Only parties that have something queued, so that a forgotten agent is not kept.
const parties = new Set<ExitParty>();

/** Something that is left behind in order when everything else is done: files. */
export interface ExitLeaver {
  leave(): void;
}

const leavers = new Set<ExitLeaver>();

/** The event loop does not turn any more. `endMs`: when the last wait ends, once there is one. */
let ending: { endMs: number | undefined } | undefined;
let isWatching = false;

/**
 * The process' end will be noticed. To be called while it lives: a listener that comes during the 'exit' event hears
 * nothing of it. Idempotent.
 */
export function watchExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', end);
  // Whoever logs at the exit does so before this, then: what comes later must be waited for piece by piece.
  // Once for each: a second copy of this module gets behind others too, and the two would never come to rest.
  const passed = new WeakSet<object>([end]);
  process.on('newListener', (event, listener) => {
    if (event !== 'exit' || passed.has(listener)) return;
    passed.add(listener);
    process.nextTick(() => process.off('exit', end).on('exit', end));
  });
}

/** From now on the party has something to lose. While the process ends it is served at once. Idempotent. */
export function joinExit(party: ExitParty): void {
  watchExit();
  if (parties.size === 0) process.on('beforeExit', drain);
  parties.add(party);
  if (ending !== undefined) save(ending);
}

/** The party has nothing left to lose. Idempotent. */
export function leaveExit(party: ExitParty): void {
  if (parties.delete(party) && parties.size === 0) process.off('beforeExit', drain);
}

/** Leaves when the process ends, after all parties. Idempotent. */
export function leaveAtExit(leaver: ExitLeaver): void {
  watchExit();
  leavers.add(leaver);
}

/** It has left. Idempotent. */
export function hasLeft(leaver: ExitLeaver): void {
  leavers.delete(leaver);
}

/** The event loop has had its last turn: whoever puts something must join again each time. */
export function isEnding(): boolean {
  return ending !== undefined;
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

function end(): void {
  ending = { endMs: undefined };
  save(ending);
  for (const leaver of leavers) leaver.leave();
}

/** One worker and one wait for all parties; a later time gets what is left of the first one's. */
function save(end: { endMs: number | undefined }): void {
  const present = [...parties];
  const givers = new Map<number, ExitParty>();
  const parcels: ExitParcel[] = [];
  let longestMs = 0;
  for (const party of present) {
    const gift = party.giveAway();
    if (gift === undefined) continue;
    givers.set(gift.parcel.id, party);
    parcels.push(gift.parcel);
    longestMs = Math.max(longestMs, gift.timeoutMs);
  }
  if (parcels.length > 0) {
    end.endMs ??= Date.now() + longestMs;
    const leftMs = end.endMs - Date.now();
    // Without time it is not even asked: one that does not answer would cost its grace again each time.
    const receipts = leftMs > 0 ? deliverAtExit(parcels, leftMs) : 'no time is left (exitTimeoutMs)';
    if (typeof receipts === 'string') for (const giver of givers.values()) giver.settle(receipts);
    else for (const receipt of receipts) givers.get(receipt.id)?.settle(receipt);
  }
  for (const party of present) {
    const line = party.leftBehind();
    if (line !== undefined) writeStderr(line);
  }
}
