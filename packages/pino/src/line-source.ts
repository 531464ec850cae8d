// The source of the small Flume agent: chunks of a logger's output go in, an event for every line goes into the channel.

import {
  EmbeddedAgent,
  type FlumeError,
  type FlumeEvent,
  LineSplitter,
  type RecordMap,
  type Report,
  type Stats,
  type WaitOptions,
} from 'flume-thrift-client';
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
}

export class LineSource {
  readonly #agent: EmbeddedAgent;
  readonly #events: LineEvents;
  readonly #splitter: LineSplitter;
  #ended = false;
  /** The lines are offered, one by one; the event of the one that the splitter has just found. */
  #offering = false;
  #offered: FlumeEvent | undefined;

  /**
   * @param warn hears what the agent warns of; must not throw
   * @throws FlumeError `ERR_FLUME_OPTION` where the map's module cannot be loaded
   */
  constructor({ delivery, record }: ResolvedOptions, warn: (error: FlumeError) => void) {
    const map: RecordMap | undefined = typeof record.map === 'string' ? loadMap(record.map) : record.map;
    this.#events = new LineEvents(record, map, warn);
    this.#agent = new EmbeddedAgent({ ...delivery, headers: { ...this.#events.fixedHeaders, ...delivery.headers } });
    this.#agent.on('warning', warn);
    this.#splitter = new LineSplitter((bytes, start, end) => {
      const event = this.#events.event(bytes, start, end);
      if (this.#offering) this.#offered = event;
      else if (event !== undefined) this.#agent.put(event);
    });
  }

  configure(config: PinoConfig): void {
    this.#events.configure(config);
  }

  /** Takes a chunk, cut anywhere. It is copied where it must be kept. Never throws, never waits. */
  write(chunk: Buffer): void {
    this.#splitter.push(chunk);
    // Nobody will bring the rest of a line: the agent refuses and counts it.
    if (this.#ended) this.#splitter.end();
  }

  /**
   * As `write()`, but waits while the channel is full, before each line. One call at a time; the chunk must stay as it is
   * meanwhile. Without a chunk: the last line may lack its newline. Never rejects.
   */
  async offer(chunk?: Buffer): Promise<void> {
    if (chunk === undefined) {
      await this.#offer(() => this.#splitter.end());
      return;
    }
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(0x0a, start);
      const end = newline === -1 ? chunk.length : newline + 1;
      await this.#offer(() => this.#splitter.push(chunk.subarray(start, end)));
      start = end;
    }
  }

  /** @param split finds one line at most */
  async #offer(split: () => void): Promise<void> {
    this.#offered = undefined;
    this.#offering = true;
    split();
    this.#offering = false;
    if (this.#offered !== undefined) await this.#agent.offer(this.#offered);
  }

  /** Resolves when Flume acknowledged the lines of before, or the time is over. Never rejects. */
  flush(options?: WaitOptions): Promise<Report> {
    return this.#agent.flush(options);
  }

  /** A last line may lack its newline. Then drains and closes. Idempotent; never rejects. */
  close(options?: WaitOptions): Promise<Report> {
    this.#ended = true;
    this.#splitter.end();
    return this.#agent.close(options);
  }

  stats(): PinoFlumeStats {
    const { filtered, mapFailures } = this.#events;
    return { ...this.#agent.stats(), filtered, mapFailures };
  }
}
