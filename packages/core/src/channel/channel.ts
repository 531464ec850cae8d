// The channel holds what waits: a log of encoded events. `put` appends one, `take` opens a transaction over a view of the
// oldest ones, as in Flume: the events leave the channel on `commit`, and are there again after `rollback`.

import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';

export interface Channel {
  /**
   * Encodes the event and appends it.
   *
   * @returns undefined where it was accepted, else why not
   */
  put(headers: HeaderList, body: string | Uint8Array, low: boolean): DropReason | undefined;
  /**
   * Opens a transaction over the oldest events that no open transaction holds: at least one, at most `maxEvents`, and of
   * `maxBytes` together unless the first alone is larger. Several may be open and end in any order.
   *
   * @returns undefined where there is nothing to take
   */
  take(maxEvents: number, maxBytes: number): Transaction | undefined;
  /** Events that transactions could be opened over now, and their bytes. */
  readonly availableEvents: number;
  readonly availableBytes: number;
  /** Of these, the events that were rolled back: they have waited already. */
  readonly returnedEvents: number;
  /** Events that have not left the channel, in flight included, and their bytes. */
  readonly queuedEvents: number;
  readonly queuedBytes: number;
  /** What `take` would begin with: a run of events that came back together, or those never taken. */
  readonly next: { readonly ordinal: number; readonly events: number; readonly failures: number } | undefined;
  /** The ordinal that the next event will have; those put before have smaller ones. */
  readonly tail: number;
}

/**
 * What a rollback says of its events: `none` it was not theirs, `attempt` they were tried, `suspicion` they were tried, and
 * one of them may be why that failed.
 */
export type Blame = 'none' | 'attempt' | 'suspicion';

/** The ordinal that the next event will have: of a channel, or of several that are parts of one. */
export interface Ordinals {
  next: number;
}

/** A channel whose events outlive the process. */
export interface SpoolingChannel extends Channel {
  /** Events that an earlier process left, until now: they are found while others are sent already. */
  readonly recovered: number;
  /** Of the queued events, those that are on disk, and their bytes. */
  readonly spooledEvents: number;
  readonly spooledBytes: number;
  /** What was put before is written to the platter, as far as the disk can be believed. Never rejects. */
  sync(): Promise<void>;
  /** Leaves what is queued to the next process. Never rejects. */
  close(): Promise<void>;
}

export interface Transaction {
  readonly count: number;
  readonly byteLength: number;
  /** The encoded events, in order, in pieces. Valid until the transaction ends. */
  readonly views: readonly Uint8Array[];
  /** How often these events were tried before. */
  readonly attempts: number;
  /** How often of these one of them was suspected. */
  readonly failures: number;
  /** How often of these exactly this batch was: 0 where it is a part of what failed. */
  readonly ownFailures: number;
  /** The agent has the events: they leave the channel. */
  commit(): void;
  /** The events are available again, before all newer ones. @param blame by default 'none' */
  rollback(blame?: Blame): void;
  /** The events are given up: they leave the channel, counted. */
  drop(reason: DropReason): void;
}

/** Hears of every event that leaves the channel: those of the ordinals from `from` up to, not including, `to`. */
export type SettledListener = (from: number, to: number, how: 'delivered' | DropReason) => void;
