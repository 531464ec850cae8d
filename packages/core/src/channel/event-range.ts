// Events that follow each other in a channel's log: those of a transaction, or those that came back from one.

import type { Blame } from './channel.ts';

/** A place between two events. */
export interface Mark {
  readonly ordinal: number;
  readonly position: number;
}

/** A run of events, and what it has been through. */
export class EventRange {
  readonly from: Mark;
  readonly to: Mark;
  readonly attempts: number;
  readonly failures: number;
  readonly ownFailures: number;

  constructor(from: Mark, to: Mark, attempts = 0, failures = 0, ownFailures = 0) {
    this.from = from;
    this.to = to;
    this.attempts = attempts;
    this.failures = failures;
    this.ownFailures = ownFailures;
  }

  part(from: Mark, to: Mark): EventRange {
    return new EventRange(from, to, this.attempts, this.failures);
  }

  blamed(blame: Blame): EventRange {
    const attempt = blame === 'none' ? 0 : 1;
    const failure = blame === 'suspicion' ? 1 : 0;
    return new EventRange(
      this.from,
      this.to,
      this.attempts + attempt,
      this.failures + failure,
      this.ownFailures + failure,
    );
  }

  get count(): number {
    return this.to.ordinal - this.from.ordinal;
  }

  get byteLength(): number {
    return this.to.position - this.from.position;
  }
}
