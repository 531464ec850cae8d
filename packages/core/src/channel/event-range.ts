// Events that follow each other in a channel's log: those of a transaction, or those that came back from one.

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

  failed(suspicious: boolean): EventRange {
    const one = suspicious ? 1 : 0;
    return new EventRange(this.from, this.to, this.attempts + 1, this.failures + one, this.ownFailures + one);
  }

  get count(): number {
    return this.to.ordinal - this.from.ordinal;
  }

  get byteLength(): number {
    return this.to.position - this.from.position;
  }
}
