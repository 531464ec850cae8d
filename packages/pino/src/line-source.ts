// The source of the small Flume agent: chunks of a logger's output go in, an event for every line goes into the channel.

import {
  EmbeddedAgent,
  type FlumeError,
  type FlumeEvent,
  type Report,
  type Stats,
  type WaitOptions,
} from 'flume-thrift-client';
import { LineSplitter, type RecordMap } from 'flume-thrift-client/loggers';
import { LineEvents } from './line-events.ts';
import { loadMap } from './map-module.ts';
import type { ResolvedOptions } from './options.ts';
import type { PinoConfig } from './pino-config.ts';

/** The agent's counters, and those of `map`. */
export interface PinoFlumeStats extends Stats {
  /** Records for which `map` returned null; they are not among the accepted. */
  readonly filtered: number;
  /** Records for which `map` threw or returned no event; they were sent as they are. */
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

// A close that comes so soon after a flush belongs to the same end.
const vainMs = 1_000;
export class LineSource {
  readonly #agent: EmbeddedAgent;
  readonly #events: LineEvents;
  readonly #splitter: LineSplitter;
  readonly #closeTimeoutMs: number;
  #ended = false;
  /** The flush that was over before all was acknowledged: when, and how long it had waited. */
  #vain: { readonly at: number; readonly waitedMs: number } | undefined;
  /** Where the events of a chunk go that is offered. */
  #offered: FlumeEvent[] | undefined;

  /**
   * @param warn hears what the agent warns of; must not throw
   * @throws FlumeError `ERR_FLUME_OPTION` where the map's module cannot be loaded
   */
  constructor({ delivery, record, own }: ResolvedOptions, warn: (error: FlumeError) => void) {
    const map: RecordMap | undefined = typeof record.map === 'string' ? loadMap(record.map) : record.map;
    this.#events = new LineEvents(record, own, map, warn);
    this.#agent = new EmbeddedAgent({ ...delivery, headers: { ...this.#events.fixedHeaders, ...delivery.headers } });
    this.#agent.on('warning', warn);
    this.#closeTimeoutMs = delivery.closeTimeoutMs ?? 0;
    this.#splitter = new LineSplitter((bytes, start, end, skipped) => {
      const event = this.#events.event(bytes, start, end, skipped);
      if (event === undefined) return;
      if (this.#offered === undefined) this.#agent.put(event);
      else this.#offered.push(event);
    });
  }

  configure(config: PinoConfig): void {
    this.#events.configure(config);
  }

  /** Takes a chunk, cut anywhere. It is copied where it must be kept. Never throws, never waits. */
  write(chunk: Buffer): void {
    this.#splitter.push(chunk);
    this.#events.endChunk();
    // Nobody will bring the rest of a line: the agent refuses and counts it.
    if (this.#ended) this.#splitter.end();
  }

  /**
   * As `write()`, but waits while the channel is full. One call at a time; the chunk must stay as it is meanwhile. Without
   * a chunk: the last line may lack its newline. Never rejects.
   */
  async offer(chunk?: Buffer): Promise<void> {
    const events: FlumeEvent[] = [];
    this.#offered = events;
    if (chunk === undefined) this.#splitter.end();
    else this.#splitter.push(chunk);
    this.#events.endChunk();
    this.#offered = undefined;
    for (const event of events) await this.#agent.offer(event);
  }

  /** Resolves when Flume acknowledged the lines of before, or the time is over. Never rejects. */
  async flush(options?: WaitOptions): Promise<Report> {
    const start = performance.now();
    const report = await this.#agent.flush(options);
    const at = performance.now();
    this.#vain = report.queued === 0 ? undefined : { at, waitedMs: at - start };
    return report;
  }

  /**
   * A last line may lack its newline. Then drains and closes. One time for the end: what a flush just before has waited in
   * vain is no more to be waited. Idempotent; never rejects.
   */
  close(options: WaitOptions = {}): Promise<Report> {
    this.#ended = true;
    this.#splitter.end();
    const isNear = this.#vain !== undefined && performance.now() - this.#vain.at < vainMs;
    const waitedMs = isNear ? (this.#vain?.waitedMs ?? 0) : 0;
    return this.#agent.close({ timeoutMs: Math.max(0, this.#closeTimeoutMs - waitedMs), ...options });
  }

  stats(): PinoFlumeStats {
    const { filtered, mapFailures, contextMissing, headersCut, redactedByName, withheld } = this.#events;
    return { ...this.#agent.stats(), filtered, mapFailures, contextMissing, headersCut, redactedByName, withheld };
  }
}
