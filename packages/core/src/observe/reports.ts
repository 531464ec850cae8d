// What an embedded agent tells of itself: warnings and losses to its listeners, everything to diagnostics channels.

import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock.ts';
import type { FlumeError } from '../errors.ts';
import type { Books, DropReason, Report, Stats } from '../stats.ts';
import { Diagnostics } from './diagnostics.ts';
import { tell, warn } from './listeners.ts';
import { Losses } from './losses.ts';
import { Voice } from './voice.ts';

interface Named {
  readonly endpoint: { readonly name: string };
}

export class Reports {
  readonly #emitter: EventEmitter;
  readonly #diagnostics: Diagnostics;
  readonly #voice: Voice;
  readonly #losses: Losses;

  constructor(source: EventEmitter & { stats(): Stats }, books: Books, clock: Clock) {
    this.#emitter = source;
    this.#diagnostics = new Diagnostics(source);
    this.#voice = new Voice(clock, (error) => this.warn(error));
    this.#losses = new Losses((loss) => {
      if (source.listenerCount('drop') > 0) tell(source, 'drop', loss);
      this.#diagnostics.dropped(loss.count, loss.reason);
      this.#voice.dropped(loss.reason, books.dropped[loss.reason]);
    });
  }

  opened(): void {
    this.#diagnostics.opened();
  }

  /** Nothing more is told later. */
  silenced(): void {
    this.#voice.close();
  }

  closed(report: Report): void {
    this.#diagnostics.closed(report);
  }

  warn(error: FlumeError): void {
    warn(this.#emitter, error);
  }

  /** Events are lost, and counted already. */
  lost(count: number, reason: DropReason): void {
    this.#losses.add(count, reason);
  }

  /** To be called where whoever hears of losses may do anything. */
  tellLosses(): void {
    this.#losses.tell();
  }

  /** The channel is empty. */
  drained(): void {
    this.#voice.drained();
  }

  readonly failed = ({ endpoint }: Named, error: FlumeError): void => {
    this.#diagnostics.failing(endpoint.name, error);
    this.#voice.failed(endpoint.name, error);
  };

  readonly recovered = ({ endpoint }: Named, outageMs: number): void => {
    this.#diagnostics.recovered(endpoint.name, outageMs);
    this.#voice.recovered(endpoint.name, outageMs);
  };

  readonly answered = (
    { endpoint }: Named,
    batch: { readonly count: number; readonly byteLength: number },
    durationMs: number,
    error: FlumeError | undefined,
  ): void => this.#diagnostics.answered(endpoint.name, batch, durationMs, error);

  readonly learned = ({ endpoint }: Named, batchSize: number): void => this.#voice.learned(endpoint.name, batchSize);
}
