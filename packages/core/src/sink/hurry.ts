// While somebody waits for events to be sent, no batch lingers and no agent rests for long.

import type { Agent } from '../agents/agent.ts';
import type { Channel } from '../channel/channel.ts';
import { type Clock, within } from '../clock.ts';
import { FlushPoints } from './flush-points.ts';
import type { Sink } from './sink.ts';

export class Hurry {
  readonly #channel: Channel;
  readonly #sink: Sink;
  readonly #agents: readonly Agent[];
  readonly #clock: Clock;
  readonly #points = new FlushPoints();
  #flushes = 0;
  /** Others who wait, for whom agents that rest are not woken. */
  #others = 0;

  constructor(channel: Channel, sink: Sink, agents: readonly Agent[], clock: Clock) {
    this.#channel = channel;
    this.#sink = sink;
    this.#agents = agents;
    this.#clock = clock;
  }

  /**
   * Waits until what is queued now has left the channel, `timeoutMs` at most.
   *
   * @param arriving what is queued until this resolves counts too
   * @returns how many events have not left it
   */
  async flush(timeoutMs: number, arriving?: Promise<void>): Promise<number> {
    const end = this.#clock.now() + timeoutMs;
    this.#changeFlushes(1);
    if (arriving !== undefined) await within(this.#clock, timeoutMs, arriving);
    const point = this.#points.add(this.#channel);
    await within(this.#clock, Math.max(0, end - this.#clock.now()), point.reached);
    this.#changeFlushes(-1);
    point.leave();
    return point.pending;
  }

  /** No batch lingers until this has ended. */
  async during(wait: () => Promise<void>): Promise<void> {
    this.#others += 1;
    this.#hurrySink();
    await wait();
    this.#others -= 1;
    this.#hurrySink();
  }

  /** Events of these ordinals have left the channel. */
  settled(from: number, to: number): void {
    this.#points.settled(from, to);
  }

  /** What is queued now stays so: nobody needs to wait for it. */
  close(): void {
    this.#points.close();
  }

  #changeFlushes(change: 1 | -1): void {
    this.#flushes += change;
    // Only the first to come and the last to go make a difference.
    if (this.#flushes !== (change === 1 ? 1 : 0)) return;
    for (const agent of this.#agents) agent.hurry(change === 1);
    this.#hurrySink();
  }

  #hurrySink(): void {
    this.#sink.hurry(this.#flushes + this.#others > 0);
  }
}
