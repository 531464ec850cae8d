// A small Flume agent inside the application: put() encodes an event into the channel, the sink drains the channel in
// batches to the Thrift source of a real Flume agent. This is the one page where the parts are put together.

import { EventEmitter } from 'node:events';
import type { Agent } from './agents/agent.ts';
import { openAgents } from './agents/open-agents.ts';
import type { Channel } from './channel/channel.ts';
import { openChannel } from './channel/open-channel.ts';
import type { SpillStore } from './channel/spill-store.ts';
import { type Clock, type Random, systemClock, within } from './clock.ts';
import { DeadLetter } from './dead-letter.ts';
import { FlumeError } from './errors.ts';
import { type FlumeEvent, headerList } from './event/flume-event.ts';
import { Intake } from './intake.ts';
import { LastDelivery } from './last-delivery.ts';
import { Checks } from './observe/checks.ts';
import type { Loss } from './observe/losses.ts';
import { Reports } from './observe/reports.ts';
import { type DeliveryOptions, type ResolvedDelivery, resolveDelivery } from './options/delivery-options.ts';
import { waitMs } from './options/option-check.ts';
import { lastWords, whyNot } from './process/last-words.ts';
import { isEnding, joinExit, leaveExit, watchExit, writeStderr } from './process/process-exit.ts';
import { type Dial, dial } from './rpc/socket.ts';
import { Hurry } from './sink/hurry.ts';
import { openSink } from './sink/open-sink.ts';
import type { Sink } from './sink/sink.ts';
import { Books, type DropReason, type Report, type Stats } from './stats.ts';
import type { FileStore } from './store/file-store.ts';
import { decoded } from './thrift/encoded-events.ts';
import { protocolNamed } from './thrift/protocols.ts';

export interface WaitOptions {
  /** Milliseconds to wait at most. @default the option of the agent that belongs to the call */
  readonly timeoutMs?: number | undefined;
}

export interface EmbeddedAgentEvents {
  /**
   * Once when an agent fails or events are lost, once on recovery (`code: 'FLUME_RECOVERED'`), and what else the user should
   * know once (`'FLUME_NOTICE'`). Without a listener it goes to `process.emitWarning`.
   */
  warning: [FlumeError];
  /** Every loss: how many events, and why. */
  drop: [Loss];
}

// For dead letters and files, also where close() has no time left.
const lastWritesMs = 250;
// A disk may have room again without an event that leaves the channel.
const roomCheckMs = 1_000;

interface Given {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly dial?: Dial;
  readonly inherited?: ResolvedDelivery;
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
  /** Run when events have left the channel, when an agent has changed, and at close. */
  readonly #checks: Checks;
  readonly #channel: Channel;
  /** The channel's store, where its events outlive the process. */
  readonly #file: FileStore | undefined;
  /** The same, where it has to be told when its events are to go to disk. */
  readonly #spill: SpillStore | undefined;
  readonly #intake: Intake;
  readonly #agents: readonly Agent[];
  readonly #sink: Sink;
  readonly #hurry: Hurry;
  readonly #deadLetter: DeadLetter | undefined;
  readonly #lastDelivery: LastDelivery;
  #closing: Promise<Report> | undefined;
  #isClosed = false;
  #hasJoinedExit = false;
  /** Within put(). */
  #isTaking = false;

  /**
   * @param options checked at once
   * @param given for tests: the clock, the source of chance, and what opens a socket; for the worker of a process that ends:
   * the options of the embedded agent that it takes over
   * @throws FlumeError `ERR_FLUME_OPTION` naming the option
   */
  constructor(options?: DeliveryOptions, given: Given = {}) {
    super();
    const resolved = given.inherited ?? resolveDelivery(options);
    const clock = given.clock ?? systemClock;
    this.#options = resolved;
    this.#clock = clock;
    this.#checks = new Checks(clock);
    this.#reports = new Reports(this, this.#books, clock);
    const reports = this.#reports;
    const protocol = protocolNamed(resolved.protocol);
    this.#deadLetter =
      resolved.deadLetter === undefined
        ? undefined
        : new DeadLetter(resolved.deadLetter, {
            tell: (error) => reports.warn(error),
            caughtUp: () => this.#sink.resume(),
          });
    const listener = {
      settled: (from: number, to: number, how: 'delivered' | DropReason) => this.#settled(from, to, how),
      arrived: () => this.#arrived(),
      warn: (error: FlumeError) => reports.warn(error),
    };
    const fixedHeaders = headerList(resolved.headers);
    const { channel, file, spill } = openChannel(protocol, fixedHeaders, resolved.channel, { clock }, listener);
    this.#channel = channel;
    this.#file = file;
    this.#spill = spill;
    this.#intake = new Intake(resolved, protocol, channel, this.#deadLetter);
    const world = { protocol, dial: given.dial ?? dial, clock, random: given.random ?? Math.random };
    const { answered, failed, learned } = reports;
    const group = openAgents(
      resolved,
      { ...world, isLastMoment: given.inherited !== undefined },
      {
        answered,
        failed,
        learned,
        changed: () => this.#changed(),
        recovered: (agent, outageMs) => {
          spill?.outage(false);
          reports.recovered(agent, outageMs);
        },
      },
    );
    this.#agents = group.agents;
    this.#sink = openSink(channel, group, resolved, {
      ...world,
      canGiveUp: () => this.#deadLetter?.isBehind !== true,
      giveUp: (batch, reason) => this.#deadLetter?.add(decoded(protocol, batch), reason),
    });
    this.#hurry = new Hurry(channel, this.#sink, group.agents, clock);
    this.#lastDelivery = new LastDelivery(channel, resolved, {
      agents: group.agents,
      drain: () => {
        if (this.#closing === undefined) void this.flush({ timeoutMs: resolved.closeTimeoutMs });
      },
      save: () => this.#save(),
      lastWords: (why) => this.#leftBehind(why ?? this.#whyNot),
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
      return this.#put(event);
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
    let reason = this.#take(event);
    while (reason === 'full' && this.#channel.queuedEvents > 0) {
      await this.#hurry.during(() => this.#checks.change(roomCheckMs));
      reason = this.#take(event);
    }
    this.#books.accepted += 1;
    if (reason !== undefined) this.#books.dropped[reason] += 1;
    this.#booked(reason);
    return reason === undefined;
  }

  /**
   * Resolves when some agent has answered.
   *
   * @param options timeoutMs: by default the option connectTimeoutMs
   * @throws FlumeError `ERR_FLUME_CONNECT` where none did in time, and says why
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    const timeoutMs = waitMs(options, this.#options.connectTimeoutMs);
    const isProven = (): boolean => this.#agents.some((agent) => agent.isProven);
    await this.#checks.until(timeoutMs, () => {
      if (this.#closing !== undefined || isProven()) return true;
      for (const agent of this.#agents) agent.prove();
      return false;
    });
    if (this.#closing !== undefined) throw new FlumeError('ERR_FLUME_CLOSED', 'the agent is closed');
    if (!isProven()) {
      throw new FlumeError('ERR_FLUME_CONNECT', `no agent is ready: ${this.#whyNot ?? 'none has answered yet'}`);
    }
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
    const queued = await this.#hurry.flush(timeoutMs, this.#file?.firstLook);
    return { delivered: this.#books.delivered, dropped: this.#books.droppedTotal, queued };
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
    this.#checks.run();
    return await this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => {});
  }

  /** What became of every event until now: accepted + recovered = delivered + dropped + queued + spooled. */
  stats(): Stats {
    const { queuedEvents, queuedBytes } = this.#channel;
    const [spooled, spooledBytes] = this.#isClosed
      ? [this.#file?.queued.count ?? 0, this.#file?.queued.bytes ?? 0]
      : [0, 0];
    return {
      accepted: this.#books.accepted,
      recovered: this.#file?.recovered ?? 0,
      delivered: this.#books.delivered,
      dropped: { ...this.#books.dropped },
      queued: { events: queuedEvents - spooled, bytes: queuedBytes - spooledBytes },
      spooled,
      retried: this.#sink.retried,
      truncated: this.#intake.truncated,
      agents: this.#agents.map((agent) => agent.stats),
    };
  }

  #settled(from: number, to: number, how: 'delivered' | DropReason): void {
    if (how === 'delivered') this.#books.delivered += to - from;
    else this.#books.dropped[how] += to - from;
    if (this.#channel.queuedEvents === 0) {
      this.#leaveExit();
      this.#reports.drained();
    }
    if (how !== 'delivered') this.#reports.lost(to - from, how);
    this.#hurry.settled(from, to);
    this.#checks.run();
    if (!this.#isTaking) this.#reports.tellLosses();
  }

  /** A file channel has found events, or can read them again. */
  #arrived(): void {
    if (this.#channel.queuedEvents > 0) this.#joinExit();
    this.#sink.wake();
  }

  /** An agent has. */
  #changed(): void {
    this.#spill?.outage(this.#agents.every(({ condition }) => condition === 'failing'));
    this.#sink.resume();
    this.#checks.run();
  }

  #put(event: FlumeEvent): boolean {
    let reason: DropReason | undefined = 'invalid';
    try {
      reason = this.#take(event);
    } catch {
      // At the end of the stack any call throws: so the books are kept without one, and the rest follows with the next event.
    }
    this.#books.accepted += 1;
    if (reason !== undefined) this.#books.dropped[reason] += 1;
    try {
      this.#booked(reason);
    } catch {
      // As above.
    }
    return reason === undefined;
  }

  #take(event: FlumeEvent): DropReason | undefined {
    if (this.#closing !== undefined) return 'closed';
    this.#isTaking = true;
    try {
      return this.#intake.put(event);
    } finally {
      this.#isTaking = false;
    }
  }

  /** What follows when an event was taken, or dropped at once. */
  #booked(reason: DropReason | undefined): void {
    if (reason === undefined) {
      this.#joinExit();
      this.#sink.wake();
    } else {
      this.#reports.lost(1, reason);
    }
    this.#reports.tellLosses();
  }

  #joinExit(): void {
    if (this.#hasJoinedExit && !isEnding()) return;
    joinExit(this.#lastDelivery);
    this.#hasJoinedExit = true;
  }

  #leaveExit(): void {
    this.#hasJoinedExit = false;
    leaveExit(this.#lastDelivery);
  }

  // Intake stops first, so that the drain has an end; what is in files is made sure of before anything else is tried; the
  // flush cuts rests short; connections go when nothing is left for them or the time is over; what is still there then goes
  // to files, where the channel has any, and the channel goes last.
  async #close(timeoutMs: number): Promise<Report> {
    const end = this.#clock.now() + timeoutMs;
    const synced = this.#file?.sync();
    const report = await this.flush({ timeoutMs });
    const why = this.#whyNot;
    this.#sink.close();
    for (const agent of this.#agents) agent.close();
    this.#spill?.spill();
    const left = this.#leftBehind(why);
    this.#hurry.close();
    this.#reports.silenced();
    const written = Promise.all([this.#deadLetter?.flush(), synced?.then(() => this.#file?.close())]).then(() => {});
    await within(this.#clock, Math.max(lastWritesMs, end - this.#clock.now()), written);
    this.#isClosed = true;
    this.#leaveExit();
    if (left !== undefined) writeStderr(left);
    const last = this.#file === undefined ? report : this.#spoolReport();
    this.#reports.closed(last);
    return last;
  }

  #spoolReport(): Report {
    const { delivered, droppedTotal: dropped } = this.#books;
    const { queued, spooled } = this.stats();
    return { delivered, dropped, queued: queued.events, spooled };
  }

  /** The process ends, and nothing can be waited for. @returns whether all that is queued is on disk */
  #save(): boolean {
    this.#spill?.spill();
    this.#isClosed = this.#file !== undefined;
    return this.#fleetingEvents === 0;
  }

  #leftBehind(why: string | undefined): string | undefined {
    return lastWords(this.#fleetingEvents, why, this.#spill?.illness);
  }

  /** Queued, and on no disk. */
  get #fleetingEvents(): number {
    return this.#channel.queuedEvents - (this.#file?.queued.count ?? 0);
  }

  get #whyNot(): string | undefined {
    return whyNot(this.#agents.map((agent) => agent.stats));
  }
}
