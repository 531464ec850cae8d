// A small Flume agent inside the application: put() encodes an event into the channel, the sink drains the channel in
// batches to the Thrift source of a real Flume agent. This is the one page where the parts are put together.

import { EventEmitter } from 'node:events';
import type { Agent } from './agents/agent.ts';
import { openAgents } from './agents/open-agents.ts';
import type { Channel } from './channel/channel.ts';
import { openChannel } from './channel/open-channel.ts';
import type { Persistence } from './channel/persistence.ts';
import { type Clock, type Random, systemClock, within } from './clock.ts';
import { DeadLetter } from './dead-letter.ts';
import { type FlumeEvent, headerList } from './event/flume-event.ts';
import { Intake } from './intake.ts';
import { LastDelivery } from './last-delivery.ts';
import { type EmbeddedAgentEvents, Reports } from './observe/reports.ts';
import { type DeliveryOptions, type ResolvedDelivery, resolveDelivery } from './options/delivery-options.ts';
import { type WaitOptions, waitMs } from './options/wait-options.ts';
import { whyNot } from './process/last-words.ts';
import { watchExit, writeStderr } from './process/process-exit.ts';
import { dial } from './rpc/dial.ts';
import type { Dial } from './rpc/socket.ts';
import { openSink } from './sink/open-sink.ts';
import type { Sink } from './sink/sink.ts';
import { Waiters } from './sink/waiters.ts';
import { Books, type DropReason, type Report, type Stats } from './stats.ts';
import { decoded } from './thrift/encoded-events.ts';
import { protocolNamed } from './thrift/protocols.ts';

// For dead letters and files, also where close() has no time left.
const lastWritesMs = 250;

interface Given {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly dial?: Dial;
  readonly inherited?: ResolvedDelivery;
  readonly identity?: string;
}

/**
 * Takes events at any rate and delivers them at least once, in batches, to the first of its agents that works.
 *
 * @example
 * const agent = new EmbeddedAgent({ agents: ['flume-1:4141', 'flume-2:4141'] });
 * agent.put({ headers: { app: 'checkout' }, body: 'hello' });
 * const { queued } = await agent.close();
 */
export class EmbeddedAgent extends EventEmitter<EmbeddedAgentEvents> {
  readonly #options: ResolvedDelivery;
  readonly #clock: Clock;
  readonly #books = new Books();
  readonly #reports: Reports;
  readonly #channel: Channel;
  readonly #persistence: Persistence;
  readonly #intake: Intake;
  readonly #agents: readonly Agent[];
  readonly #sink: Sink;
  readonly #waiters: Waiters;
  readonly #deadLetter: DeadLetter | undefined;
  readonly #lastDelivery: LastDelivery;
  #closing: Promise<Report> | undefined;

  /**
   * @param options checked at once
   * @param given for tests: the clock, the source of chance, what opens a socket, and who this client is among others; for the
   * worker of a process that ends: the options of the embedded agent that it takes over
   * @throws FlumeError `ERR_FLUME_OPTION` naming the option
   */
  constructor(options?: DeliveryOptions, given: Given = {}) {
    super();
    const resolved = given.inherited ?? resolveDelivery(options);
    const clock = given.clock ?? systemClock;
    const protocol = protocolNamed(resolved.protocol);
    const world = { protocol, dial: given.dial ?? dial, clock, random: given.random ?? Math.random };
    this.#options = resolved;
    this.#clock = clock;
    this.#reports = new Reports(this, this.#books, clock);
    const reports = this.#reports;
    if (resolved.deadLetter !== undefined) {
      const caughtUp = (): void => this.#sink.resume();
      this.#deadLetter = new DeadLetter(resolved.deadLetter, { tell: reports.warn, caughtUp });
    }
    const { channel, persistence } = openChannel(protocol, headerList(resolved.headers), resolved.channel, world, {
      settled: (from, to, how) => this.#settled(from, to, how),
      arrived: () => this.#arrived(),
      warn: reports.warn,
    });
    this.#channel = channel;
    this.#persistence = persistence;
    this.#intake = new Intake(resolved, protocol, channel, this.#deadLetter, this.#books, (how) => this.#counted(how));
    const ofAgents = reports.ofAgents(() => this.#changed());
    const group = openAgents(
      resolved,
      { ...world, isLastMoment: given.inherited !== undefined, identity: given.identity },
      ofAgents,
    );
    this.#agents = group.agents;
    this.#sink = openSink(channel, group, resolved, {
      ...world,
      canGiveUp: () => this.#deadLetter?.isBehind !== true,
      giveUp: (batch, reason) => this.#deadLetter?.add(decoded(protocol, batch), reason),
    });
    this.#waiters = new Waiters(channel, this.#sink, group.agents, clock);
    this.#lastDelivery = new LastDelivery(resolved, {
      channel,
      persistence,
      agents: group.agents,
      drain: () => void (this.#closing ?? this.flush({ timeoutMs: resolved.closeTimeoutMs })),
    });
    watchExit();
    reports.opened();
  }

  /**
   * Takes an event: it is encoded now and sent later. Never throws, never waits.
   *
   * @returns false where the event was dropped at once (the channel is full, the event too large or no event, or the
   * agent closed), which is counted by reason
   */
  put(event: FlumeEvent): boolean {
    const { accepted } = this.#books;
    try {
      return this.#intake.put(event);
    } catch {
      // The end of the stack was reached before anything was done.
      if (this.#books.accepted === accepted) {
        this.#books.accepted += 1;
        this.#books.dropped.invalid += 1;
      }
      return false;
    }
  }

  /**
   * As `put()`, but waits while the channel is full: for a source that can wait, such as a file or a pipe. Nothing lingers
   * meanwhile. Never rejects.
   *
   * @returns false where the event was dropped, which is counted by reason: also one for which an empty channel has no
   * room, and one that still waits at `close()`
   *
   * @example
   * for await (const line of lines) await agent.offer({ body: line });
   */
  async offer(event: FlumeEvent): Promise<boolean> {
    let reason = this.#intake.take(event);
    while (reason === 'full' && this.#channel.queuedEvents > 0) {
      await this.#waiters.room();
      reason = this.#intake.take(event);
    }
    return this.#intake.count(reason);
  }

  /**
   * Resolves when some agent has answered.
   *
   * @param options timeoutMs: by default the option connectTimeoutMs
   * @throws FlumeError `ERR_FLUME_CONNECT` where none did in time, and says why
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    const timeoutMs = waitMs(options, this.#options.connectTimeoutMs);
    await this.#waiters.answer(timeoutMs, () => this.#closing !== undefined);
  }

  /**
   * Sends what is queued without lingering. Never rejects, but for a wrong timeoutMs.
   *
   * @param options timeoutMs: by default the option flushTimeoutMs
   * @returns when all events accepted before the call are acknowledged or dropped, those too that the first look at
   * `channel.dir` finds there, or the time is over: see `queued`
   */
  async flush(options: WaitOptions = {}): Promise<Report> {
    const timeoutMs = waitMs(options, this.#options.flushTimeoutMs);
    return this.#books.report(await this.#waiters.flush(timeoutMs, this.#persistence.arriving));
  }

  /**
   * Takes no more events, sends what is queued, closes the connections. Idempotent; never rejects, but for a wrong
   * timeoutMs.
   *
   * @param options timeoutMs: by default the option closeTimeoutMs
   * @returns what was left: `queued` events are lost, which one line on stderr says too; `spooled` ones are on disk
   */
  async close(options: WaitOptions = {}): Promise<Report> {
    const timeoutMs = waitMs(options, this.#options.closeTimeoutMs);
    this.#closing ??= this.#close(timeoutMs);
    this.#waiters.changed();
    return await this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => {});
  }

  /** The fate of every event until now: accepted + recovered = delivered + dropped + queued + spooled. */
  stats(): Stats {
    const { queuedEvents, queuedBytes } = this.#channel;
    const { count: spooled = 0, bytes: spooledBytes = 0 } = this.#persistence.spooled ?? {};
    return {
      accepted: this.#books.accepted,
      recovered: this.#persistence.recovered,
      delivered: this.#books.delivered,
      dropped: { ...this.#books.dropped },
      queued: { events: queuedEvents - spooled, bytes: queuedBytes - spooledBytes },
      spooled,
      retried: this.#sink.retried,
      truncated: this.#intake.truncated,
      agents: this.#agents.map((agent) => agent.stats),
    };
  }

  /** An event was given: it is in the channel, or was dropped at once. */
  #counted(reason: DropReason | undefined): void {
    if (reason === undefined) this.#arrived();
    else this.#reports.lost(1, reason);
    this.#reports.tellLosses();
  }

  /** Events are in the channel: one that was given, or those that a file channel has found, or can read again. */
  #arrived(): void {
    if (this.#channel.queuedEvents > 0) this.#lastDelivery.join();
    this.#sink.wake();
  }

  /** An agent may be able to do now what it was not a moment ago. */
  #changed(): void {
    this.#persistence.outage(this.#agents.every(({ condition }) => condition.tag === 'failing'));
    this.#sink.resume();
    this.#waiters.changed();
  }

  /** Events of these ordinals have left the channel. */
  #settled(from: number, to: number, how: 'delivered' | DropReason): void {
    this.#books.settled(to - from, how);
    if (this.#channel.queuedEvents === 0) {
      this.#lastDelivery.leave();
      this.#reports.drained();
    }
    if (how !== 'delivered') this.#reports.lost(to - from, how);
    this.#waiters.settled(from, to);
    if (!this.#intake.isTaking) this.#reports.tellLosses();
  }

  // Intake stops first, so that the drain has an end; what is in files is made sure of before anything else is tried; the
  // flush cuts rests short; connections go when nothing is left for them or the time is over; what is still there then goes
  // to files, where the channel has any, and the channel goes last.
  async #close(timeoutMs: number): Promise<Report> {
    const end = this.#clock.now() + timeoutMs;
    this.#intake.close();
    const synced = this.#persistence.sync();
    await this.flush({ timeoutMs });
    const why = whyNot(this.#agents);
    this.#sink.close();
    for (const agent of this.#agents) agent.close();
    await this.#persistence.spillSoon();
    const left = this.#lastDelivery.lastWords(why);
    this.#waiters.close();
    this.#reports.silenced();
    const written = Promise.all([this.#deadLetter?.flush(), synced.then(() => this.#persistence.close())]);
    await within(this.#clock, Math.max(lastWritesMs, end - this.#clock.now()), written);
    this.#persistence.leave();
    this.#lastDelivery.leave();
    if (left !== undefined) writeStderr(left);
    const { queued, spooled } = this.stats();
    const report = { ...this.#books.report(queued.events), ...(this.#persistence.spooled && { spooled }) };
    this.#reports.closed(report);
    return report;
  }
}
