// A range: events that follow each other in the channel's order, and stand one behind the other in one place of a store.

/** Where events stand one behind the other: the blocks of memory, or a segment. */
export interface Home {
  /** Bytes that stand before each event there. */
  readonly headBytes: number;
  /** Events there outlive the process. */
  readonly isLasting: boolean;
}

/** A place in a home. */
export interface Place {
  readonly home: Home;
  /** The number of the event there, counted from the home's first. */
  readonly index: number;
  /** The byte where it begins, its head included. */
  readonly start: number;
}

/** A rollback's word on its events: `none` it was not theirs, `suspicion` one of them may be why their batch failed. */
export type Blame = 'none' | 'suspicion';

/** How often events were tried. */
export interface History {
  readonly attempts: number;
  /** How often exactly this batch was: 0 where it is a part of what failed. */
  readonly ownFailures: number;
}

const untried: History = { attempts: 0, ownFailures: 0 };

export class EventRange implements Place {
  readonly home: Home;
  readonly index: number;
  readonly start: number;
  /** The channel's ordinal of the first event; the others follow. */
  readonly ordinal: number;
  /** Grows while the range is the newest. */
  count: number;
  /** Bytes of the events alone. */
  bytes: number;
  readonly history: History;

  constructor(
    { home, index, start }: Place,
    ordinal: number,
    count: number,
    bytes: number,
    history: History = untried,
  ) {
    this.home = home;
    this.index = index;
    this.start = start;
    this.ordinal = ordinal;
    this.count = count;
    this.bytes = bytes;
    this.history = history;
  }

  /** Behind its last byte. */
  get end(): number {
    return this.start + this.bytes + this.count * this.home.headBytes;
  }

  /** The first `count` events, which have so many bytes. */
  first(count: number, bytes: number): EventRange {
    if (count === this.count) return this;
    return new EventRange(this, this.ordinal, count, bytes, this.#historyOfPart());
  }

  /** The events behind these; undefined where there are none. */
  rest(count: number, bytes: number): EventRange | undefined {
    if (count === this.count) return undefined;
    const { home, index, start, ordinal } = this;
    const place = { home, index: index + count, start: start + bytes + count * home.headBytes };
    return new EventRange(place, ordinal + count, this.count - count, this.bytes - bytes, this.#historyOfPart());
  }

  /** The same events in another place. */
  movedTo(place: Place): EventRange {
    return new EventRange(place, this.ordinal, this.count, this.bytes, this.history);
  }

  blamed(blame: Blame): EventRange {
    if (blame === 'none') return this;
    const { attempts, ownFailures } = this.history;
    const history = { attempts: attempts + 1, ownFailures: ownFailures + 1 };
    return new EventRange(this, this.ordinal, this.count, this.bytes, history);
  }

  isFollowedBy({ home, index, start, ordinal }: EventRange): boolean {
    const isNext = index === this.index + this.count && ordinal === this.ordinal + this.count;
    return isNext && home === this.home && start === this.end;
  }

  #historyOfPart(): History {
    return this.history.ownFailures === 0 ? this.history : { ...this.history, ownFailures: 0 };
  }
}
