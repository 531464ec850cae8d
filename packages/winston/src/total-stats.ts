// The books of a transport over all its agents: each close() ends one, and the next record opens another.

import type { Stats } from 'flume-thrift-client';

/** The fate of every record until now, over all connections and closes of the transport. */
export interface TransportStats extends Stats {
  /** Records that the option `map` gave null for, or the transport's own format nothing; not among `accepted`. */
  readonly filtered: number;
  /** Records for which the transport's own format failed; they were sent without it. */
  readonly formatFailures: number;
  /** Records sent although a level, theirs or the one that they were to be judged by, is none of the logger's. */
  readonly unknownLevels: number;
  /** Records for which the option `map` failed; they were sent without it. */
  readonly mapFailures: number;
  /** Records that had not every field that `context.required` names; they were sent all the same. */
  readonly contextMissing: number;
  /** Records that gave more headers, or longer ones, than there is room for; these were cut, and the records sent. */
  readonly headersCut: number;
  /** Lines that are no JSON object, in which the fields that `redact` names were hidden by their names. */
  readonly redactedByName: number;
  /** Lines of which only `[redacted]` was sent, since it could not be said what in them is to be hidden. */
  readonly withheld: number;
}

/** Both together; the agents are those of `now`. */
export function sum(past: Stats | undefined, now: Stats): Stats {
  if (past === undefined) return now;
  return {
    ...now,
    accepted: past.accepted + now.accepted,
    recovered: past.recovered + now.recovered,
    delivered: past.delivered + now.delivered,
    dropped: mapped(now.dropped, (count, reason) => count + past.dropped[reason]),
    queued: mapped(now.queued, (count, what) => count + past.queued[what]),
    spooled: past.spooled + now.spooled,
    retried: past.retried + now.retried,
    truncated: past.truncated + now.truncated,
  };
}

/** Of an agent that is gone: what it had still queued was lost when it closed. */
export function settled(stats: Stats): Stats {
  const { dropped, queued } = stats;
  return { ...stats, dropped: { ...dropped, closed: dropped.closed + queued.events }, queued: { events: 0, bytes: 0 } };
}

export function droppedIn(stats: Stats): number {
  return Object.values(stats.dropped).reduce((total, count) => total + count, 0);
}

function mapped<Key extends string>(
  counts: Readonly<Record<Key, number>>,
  change: (count: number, key: Key) => number,
): Record<Key, number> {
  const entries = Object.entries(counts) as [Key, number][];
  return Object.fromEntries(entries.map(([key, count]) => [key, change(count, key)])) as Record<Key, number>;
}
