// The sink drains the channel: it cuts a batch when one is due, hands it to the agent that the group picks, and ends the
// batch's transaction by what the agent answers.

import type { AgentGroup } from '../agents/agent-group.ts';
import type { Channel, Transaction } from '../channel/channel.ts';
import type { Clock, Timer } from '../clock.ts';
import type { FlumeError } from '../errors.ts';

export interface SinkOptions {
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  /** 0: for ever. */
  readonly maxAttempts: number;
  readonly clock: Clock;
}

export class Sink {
  readonly #channel: Channel;
  readonly #group: AgentGroup;
  readonly #options: SinkOptions;
  #linger: Timer | undefined;
  /** Events of smaller ordinals have lingered long enough. */
  #dueTail = 0;
  #scheduled = false;
  #pumping = false;
  #hurried = false;
  #closed = false;
  /** Events that were rolled back, over all time. */
  retried = 0;

  constructor(channel: Channel, group: AgentGroup, options: SinkOptions) {
    this.#channel = channel;
    this.#group = group;
    this.#options = options;
  }

  /** An event was put. Does no work now, so that the logger never pays for the network. */
  wake(): void {
    if (this.#scheduled) return;
    if (this.#isDue()) this.#schedule();
    else this.#armLinger();
  }

  /** An agent changed. */
  resume(): void {
    if (!this.#scheduled && this.#channel.availableEvents > 0) this.#schedule();
  }

  /** Somebody waits: no batch lingers while this is on. */
  hurry(on: boolean): void {
    this.#hurried = on;
    if (on) this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#linger?.cancel();
  }

  #schedule(): void {
    this.#scheduled = true;
    this.#options.clock.soon(() => this.#pump());
  }

  #pump(): void {
    this.#scheduled = false;
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    try {
      while (this.#isDue()) {
        const agent = this.#group.pick();
        if (agent === undefined) return;
        const batch = this.#channel.take(agent.batchSize, this.#options.batchBytes);
        if (batch === undefined) return;
        agent.send(batch, (error) => this.#settled(batch, error));
      }
      if (this.#channel.availableEvents > 0) this.#armLinger();
    } finally {
      this.#pumping = false;
    }
  }

  #settled(batch: Transaction, error: FlumeError | undefined): void {
    const { maxAttempts } = this.#options;
    if (error === undefined) {
      batch.commit();
    } else if (maxAttempts > 0 && batch.attempts + 1 >= maxAttempts && error.code !== 'ERR_FLUME_CLOSED') {
      batch.drop('attempts');
    } else {
      this.retried += batch.count;
      batch.rollback();
    }
    this.#pump();
  }

  #isDue(): boolean {
    const { availableEvents } = this.#channel;
    if (availableEvents === 0) return false;
    return (
      this.#hurried ||
      availableEvents >= this.#options.batchSize ||
      this.#channel.returnedEvents > 0 ||
      this.#channel.availableBytes >= this.#options.batchBytes ||
      this.#channel.tail - availableEvents < this.#dueTail
    );
  }

  #armLinger(): void {
    this.#linger ??= this.#options.clock.after(this.#options.lingerMs, () => {
      this.#linger = undefined;
      this.#dueTail = this.#channel.tail;
      this.#pump();
    });
  }
}
