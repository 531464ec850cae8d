// The voice that the user hears: one warning when an agent fails and one when it is back; one when events are lost, and not
// again before the channel was empty and a minute has passed.

import type { Clock, Timer } from '../clock.ts';
import { FlumeError } from '../errors.ts';
import type { DropReason } from '../stats.ts';

const dropSilenceMs = 60_000;
// An agent that comes and goes many times a second is told of once in this time, each outage of others by itself.
const outageSilenceMs = 1_000;

const dropTexts: Readonly<Record<DropReason, string>> = {
  full: 'the channel is full (channel.capacity, channel.byteCapacity, channel.maxBytes, channel.whenFull)',
  oversize: 'too large (maxEventBytes, oversize)',
  invalid: 'not an event: headers must be strings, the body a string or a Uint8Array',
  attempts: 'given up after as many attempts as retry.maxAttempts allows',
  expired: 'older than retry.maxAgeMs',
  poison: 'each failed alone, again and again, while the agent accepted others',
  closed: 'put after close()',
  disk: 'the disk did not take them (channel.dir)',
  damaged: 'they were on disk, and cannot be read any more (channel.dir)',
};

interface Told {
  at: number;
  /** The channel was empty since. */
  drained: boolean;
}

export class Voice {
  readonly #clock: Clock;
  readonly #say: (error: FlumeError) => void;
  readonly #told = new Map<DropReason, Told>();
  readonly #learned = new Set<string>();
  /** When an agent's last outage was told. */
  readonly #outageTold = new Map<string, number>();
  readonly #untold = new Map<string, Timer>();

  constructor(clock: Clock, say: (error: FlumeError) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  /** Once for each outage; of an agent that fails again and again, only what lasts. */
  failed(agent: string, error: FlumeError): void {
    const now = this.#clock.now();
    const quietMs = (this.#outageTold.get(agent) ?? Number.NEGATIVE_INFINITY) + outageSilenceMs - now;
    const tell = (): void => {
      this.#untold.delete(agent);
      this.#outageTold.set(agent, this.#clock.now());
      this.#say(error);
    };
    if (quietMs <= 0) tell();
    else this.#untold.set(agent, this.#clock.after(quietMs, tell));
  }

  recovered(agent: string, outageMs: number): void {
    const untold = this.#untold.get(agent);
    if (untold !== undefined) {
      untold.cancel();
      this.#untold.delete(agent);
      return;
    }
    const seconds = (outageMs / 1000).toFixed(1);
    this.#say(new FlumeError('FLUME_RECOVERED', `Flume agent ${agent}: accepts events again after ${seconds} s`));
  }

  /** Once for each agent, since it tries larger batches again later. */
  learned(agent: string, batchSize: number): void {
    if (this.#learned.has(agent)) return;
    this.#learned.add(agent);
    const what = `it refuses larger batches, so it gets ${batchSize} events at a time`;
    const remedy = "its channel's transactionCapacity is best not below the option batchSize";
    this.#say(new FlumeError('FLUME_NOTICE', `Flume agent ${agent}: ${what}: ${remedy}`));
  }

  dropped(reason: DropReason, total: number): void {
    const told = this.#told.get(reason);
    const now = this.#clock.now();
    if (told !== undefined && (!told.drained || now - told.at < dropSilenceMs)) return;
    this.#told.set(reason, { at: now, drained: false });
    const events = total === 1 ? '1 event' : `${total} events`;
    this.#say(new FlumeError('ERR_FLUME_DROPPED', `events are lost, ${events} so far: ${dropTexts[reason]}`));
  }

  close(): void {
    for (const timer of this.#untold.values()) timer.cancel();
  }

  /** The channel is empty: what comes next is a new outage. */
  drained(): void {
    for (const told of this.#told.values()) told.drained = true;
  }
}
