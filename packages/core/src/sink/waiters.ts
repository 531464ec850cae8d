// Who waits for an embedded agent: for events to be sent, for room in the channel, for an agent that answers. Meanwhile no
// batch lingers; and no agent rests for long while a flush waits.

import type { Agent } from '../agents/agent.ts';
import type { Channel } from '../channel/channel.ts';
import { type Clock, within } from '../clock.ts';
import { FlumeError } from '../errors.ts';
import { whyNot } from '../process/last-words.ts';
import { Checks } from './checks.ts';
import { FlushPoints } from './flush-points.ts';
import type { Sink } from './sink.ts';

// A disk may have room again without an event that leaves the channel.
const roomCheckMs = 1_000;

export class Waiters {
  readonly #channel: Channel;
  readonly #sink: Sink;
  readonly #agents: readonly Agent[];
  readonly #clock: Clock;
  readonly #points = new FlushPoints();
  readonly #checks: Checks;
  #flushes = 0;
  /** Others, for whom agents that rest are not woken. */
  #others = 0;

  constructor(channel: Channel, sink: Sink, agents: readonly Agent[], clock: Clock) {
    this.#channel = channel;
    this.#sink = sink;
    this.#agents = agents;
    this.#clock = clock;
    this.#checks = new Checks(clock);
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

  /** Waits until there may be room in the channel. */
  async room(): Promise<void> {
    this.#others += 1;
    this.#hurrySink();
    await this.#checks.change(roomCheckMs);
    this.#others -= 1;
    this.#hurrySink();
  }

  /** Waits until some agent has answered. @throws where none has within `timeoutMs`, or before it `isClosed` */
  async answer(timeoutMs: number, isClosed: () => boolean): Promise<void> {
    const isProven = (): boolean => this.#agents.some((agent) => agent.line.isProven);
    await this.#checks.until(timeoutMs, () => {
      if (isClosed() || isProven()) return true;
      for (const agent of this.#agents) agent.prove();
      return false;
    });
    if (isClosed()) throw new FlumeError('ERR_FLUME_CLOSED', 'the agent is closed');
    if (isProven()) return;
    const why = whyNot(this.#agents) ?? 'none has answered yet';
    throw new FlumeError('ERR_FLUME_CONNECT', `no agent is ready: ${why}`);
  }

  /** An agent has changed, say: what somebody waits for may have come. */
  changed(): void {
    this.#checks.run();
  }

  /** Events of these ordinals have left the channel. */
  settled(from: number, to: number): void {
    this.#points.settled(from, to);
    this.#checks.run();
  }

  /** Events that are queued now stay so: nobody needs to wait for them. */
  close(): void {
    this.#points.close();
  }

  #changeFlushes(change: 1 | -1): void {
    this.#flushes += change;
    // Only the first to come and the last to go make a difference.
    if (this.#flushes !== (change === 1 ? 1 : 0)) return;
    for (const agent of this.#agents) agent.condition.hurry(change === 1);
    this.#hurrySink();
  }

  #hurrySink(): void {
    this.#sink.hurry(this.#flushes + this.#others > 0);
  }
}
