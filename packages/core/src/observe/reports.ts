// An embedded agent's reports of itself: warnings and losses to its listeners, everything to diagnostics channels.

import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock.ts';
import type { FlumeError } from '../errors.ts';
import type { Books, DropReason, Report, Stats } from '../stats.ts';
import { Diagnostics } from './diagnostics.ts';
import { tell, warn } from './listeners.ts';
import { type Loss, Losses } from './losses.ts';
import { Voice } from './voice.ts';

export interface EmbeddedAgentEvents {
  /**
   * Once when an agent fails or events are lost, once on recovery (`code: 'FLUME_RECOVERED'`), and what else the user should
   * know once (`'FLUME_NOTICE'`). Without a listener it goes to `process.emitWarning`.
   */
  warning: [FlumeError];
  /** Every loss: how many events, and why. */
  drop: [Loss];
}

interface Named {
  readonly endpoint: { readonly name: string };
}

/** Hears from agents, as far as it is reported. */
interface AgentReports {
  changed(): void;
  failed(agent: Named, error: FlumeError): void;
  recovered(agent: Named, outageMs: number): void;
  answered(agent: Named, batch: { count: number; byteLength: number }, ms: number, error: FlumeError | undefined): void;
  learned(agent: Named, batchSize: number): void;
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

  readonly warn = (error: FlumeError): void => warn(this.#emitter, error);

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

  /** Hears of agents. @param changed one may be able to do now what it was not a moment ago */
  ofAgents(changed: () => void): AgentReports {
    return {
      changed,
      failed: ({ endpoint }, error) => {
        this.#diagnostics.failing(endpoint.name, error);
        this.#voice.failed(endpoint.name, error);
      },
      recovered: ({ endpoint }, outageMs) => {
        changed();
        this.#diagnostics.recovered(endpoint.name, outageMs);
        this.#voice.recovered(endpoint.name, outageMs);
      },
      answered: ({ endpoint }, batch, durationMs, error) =>
        this.#diagnostics.answered(endpoint.name, batch, durationMs, error),
      learned: ({ endpoint }, batchSize) => this.#voice.learned(endpoint.name, batchSize),
    };
  }
}
