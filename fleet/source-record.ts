// What a simulated agent saw, second by second.

export class SourceRecord {
  /** First packets of connections, those that it refused or that were lost included. */
  readonly dials: number[] = [];
  /** Events that it accepted. */
  readonly events: number[] = [];
  /** When a connection was last opened. */
  lastOpenedAt = Number.NEGATIVE_INFINITY;
  batches = 0;
  /** Batches answered with FAILED. */
  failed = 0;
  connections = 0;
  connectionsPeak = 0;
  /** Batches that waited for a thread, at most. */
  waitingPeak = 0;
  /** It refused connections for lack of a thread, so often, from then until then. */
  refusals = 0;
  refusedFrom = 0;
  refusedUntil = 0;

  dialled(at: number): void {
    count(this.dials, at, 1);
  }

  opened(at: number, connections: number): void {
    this.lastOpenedAt = at;
    this.connections = connections;
    this.connectionsPeak = Math.max(this.connectionsPeak, connections);
  }

  accepted(at: number, events: number): void {
    if (events === 0) return;
    this.batches += 1;
    count(this.events, at, events);
  }

  waited(batches: number): void {
    this.waitingPeak = Math.max(this.waitingPeak, batches);
  }

  refused(at: number): void {
    if (this.refusals === 0) this.refusedFrom = at;
    this.refusals += 1;
    this.refusedUntil = at;
  }
}

function count(series: number[], at: number, by: number): void {
  const second = Math.floor(at / 1_000);
  while (series.length <= second) series.push(0);
  series[second] = (series[second] as number) + by;
}
