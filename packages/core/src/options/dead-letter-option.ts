// The option deadLetter: where events go that are given up.

import type { DropReason } from '../stats.ts';

/** An event that was given up. */
export interface DeadEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The path of a file to append to, or a function, which is given each event and why it was given up. */
export type DeadLetterOption = string | ((event: DeadEvent, reason: DropReason) => void);
