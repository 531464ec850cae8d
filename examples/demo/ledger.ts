// Who logged what, and what of it arrived: compared record by record, so that a duplicate does not hide a loss.

import type { ReceivedEvent } from 'flume-dev-agent';

export interface Balance {
  /** Records that the applications logged. */
  readonly sent: number;
  /** How many of these arrived, each counted once. */
  readonly received: number;
  /** Events beyond the first of a record. */
  readonly duplicates: number;
  /** Events that no application knows. */
  readonly strangers: number;
  /** The ids that did not arrive, by application; without those that miss none. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

/**
 * @param logged how many records each application logged: application → records
 * @param events what the agent received
 */
export function balance(logged: ReadonlyMap<string, number>, events: readonly ReceivedEvent[]): Balance {
  const arrived = new Set(events.map(({ headers }) => headers.recordId));
  const missing = new Map<string, string[]>();
  let sent = 0;
  let received = 0;
  for (const [app, records] of logged) {
    const ids = Array.from({ length: records }, (_none, index) => `${app}-${index + 1}`);
    const lost = ids.filter((id) => !arrived.has(id));
    if (lost.length > 0) missing.set(app, lost);
    sent += records;
    received += records - lost.length;
    for (const id of ids) arrived.delete(id);
  }
  const strangers = events.filter(({ headers }) => arrived.has(headers.recordId)).length;
  return { sent, received, duplicates: events.length - received - strangers, strangers, missing };
}
