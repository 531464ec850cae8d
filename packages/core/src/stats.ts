// The books: what became of every event. At any moment accepted + recovered = delivered + dropped + queued + spooled.

export interface Stats {
  /** Events that put() was given. One that it refused is at once counted as dropped. */
  readonly accepted: number;
  /** Events that a file or spillable channel found on disk, left by an earlier process or agent; 0 with a memory channel. */
  readonly recovered: number;
  /** Events that an agent acknowledged. */
  readonly delivered: number;
  /** Events that were lost, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Events in the channel, those in flight included, and their encoded bytes. */
  readonly queued: { readonly events: number; readonly bytes: number };
  /** Events that a file or spillable channel has left on disk when the agent was closed, for the next one; 0 before. */
  readonly spooled: number;
  /** Events that were sent again, each time counted; a duplicate is possible only where the answer was unknown. */
  readonly retried: number;
  /** Delivered or queued events whose body was cut to maxEventBytes. */
  readonly truncated: number;
  readonly agents: readonly AgentStats[];
}

/**
 * Why an event was lost:
 * `full` the channel had no room, or made room (drop-oldest) · `oversize` above maxEventBytes · `invalid` not an event ·
 * `attempts` tried retry.maxAttempts times · `expired` waited for retry.maxAgeMs · `poison` failed alone, again and again,
 * while the agent accepted others · `closed` put after close · `disk` the file channel could not write it · `damaged`
 * it was in a file that cannot be read any more.
 */
export type DropReason =
  | 'full'
  | 'oversize'
  | 'invalid'
  | 'attempts'
  | 'expired'
  | 'poison'
  | 'closed'
  | 'disk'
  | 'damaged';

export interface AgentStats {
  /** Its endpoint, as in `agents`. */
  readonly name: string;
  readonly state: AgentState;
  /** Calls without an answer. */
  readonly inFlight: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Most events in a batch for this agent: what was configured, or fewer where it refused that. */
  readonly batchSize: number;
  /** Why it fails, while it does. */
  readonly lastError: string | undefined;
}

/**
 * `idle` no connection, none under way · `connecting` · `probing` connected, to prove itself by an answer to a ping ·
 * `busy` as many calls in flight as it may have · `ready` · `resting` left alone after a failure
 */
export type AgentState = 'idle' | 'connecting' | 'probing' | 'busy' | 'ready' | 'resting';

/** The result of flush() and close(). */
export interface Report {
  /** Events acknowledged since the start. */
  readonly delivered: number;
  /** Events lost since the start, for whatever reason; stats() has them by reason. */
  readonly dropped: number;
  /** Events accepted before the call, and not acknowledged within its time. 0: all is well. */
  readonly queued: number;
  /** Of close() with a file channel: events that are on disk, for the next agent that has this folder. */
  readonly spooled?: number;
}

export class Books {
  accepted = 0;
  delivered = 0;
  readonly dropped: Record<DropReason, number> = {
    full: 0,
    oversize: 0,
    invalid: 0,
    attempts: 0,
    expired: 0,
    poison: 0,
    closed: 0,
    disk: 0,
    damaged: 0,
  };

  /** So many events have left the channel. */
  settled(count: number, how: 'delivered' | DropReason): void {
    if (how === 'delivered') this.delivered += count;
    else this.dropped[how] += count;
  }

  report(queued: number): Report {
    const dropped = Object.values(this.dropped).reduce((sum, count) => sum + count, 0);
    return { delivered: this.delivered, dropped, queued };
  }
}
