// A run of events that stand one behind the other, in a segment as in the channel's own order.

import { recordHeadBytes } from '../store/segment.ts';
import type { SegmentFile } from '../store/segment-file.ts';
import type { Blame } from './channel.ts';

export interface Run {
  readonly segment: SegmentFile;
  /** The channel's ordinal of the first event. */
  readonly ordinal: number;
  /** The index of the first record in its segment, and where it begins in the file. */
  readonly index: number;
  readonly start: number;
  readonly count: number;
  /** Where the last record ends in the file. */
  readonly end: number;
}

export class SegmentRange implements Run {
  readonly segment: SegmentFile;
  readonly ordinal: number;
  readonly index: number;
  readonly start: number;
  count: number;
  end: number;
  readonly attempts: number;
  readonly failures: number;
  readonly ownFailures: number;

  constructor(run: Run, attempts = 0, failures = 0, ownFailures = 0) {
    this.segment = run.segment;
    this.ordinal = run.ordinal;
    this.index = run.index;
    this.start = run.start;
    this.count = run.count;
    this.end = run.end;
    this.attempts = attempts;
    this.failures = failures;
    this.ownFailures = ownFailures;
  }

  /** Bytes of the events alone. */
  get byteLength(): number {
    return this.end - this.start - this.count * recordHeadBytes;
  }

  /** More records are put behind the last. @returns false where they do not follow */
  extend(segment: SegmentFile, ordinal: number, start: number, count: number, end: number): boolean {
    if (segment !== this.segment || start !== this.end || ordinal !== this.ordinal + this.count) return false;
    this.count += count;
    this.end = end;
    return true;
  }

  /** The first `count` events, the last of which ends at `end`. */
  first(count: number, end: number): SegmentRange {
    if (count === this.count) return this;
    return new SegmentRange({ ...this.#run(), count, end }, this.attempts, this.failures);
  }

  /** What is behind these; undefined where nothing is. */
  rest(count: number, end: number): SegmentRange | undefined {
    if (count === this.count) return undefined;
    const { segment, ordinal, index } = this;
    const run = { segment, ordinal: ordinal + count, index: index + count, start: end, count: this.count - count };
    return new SegmentRange({ ...run, end: this.end }, this.attempts, this.failures);
  }

  blamed(blame: Blame): SegmentRange {
    const attempt = blame === 'none' ? 0 : 1;
    const failure = blame === 'suspicion' ? 1 : 0;
    const { attempts, failures, ownFailures } = this;
    return new SegmentRange(this.#run(), attempts + attempt, failures + failure, ownFailures + failure);
  }

  #run(): Run {
    const { segment, ordinal, index, start, count, end } = this;
    return { segment, ordinal, index, start, count, end };
  }
}
