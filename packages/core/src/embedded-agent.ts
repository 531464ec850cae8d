// A small Flume agent inside the application: put() encodes an event into the channel, the sink drains the channel in
// batches to the Thrift source of a real Flume agent. This is the one page where the parts are put together.

import { EventEmitter } from 'node:events';
import type { Agent, AgentListener } from './agents/agent.ts';
import { batchSizes } from './agents/batch-size.ts';
import { openAgents } from './agents/open-agents.ts';
import type { Channel, Transaction } from './channel/channel.ts';
import { FlushPoints } from './channel/flush-points.ts';
import { openChannel } from './channel/open-channel.ts';
import type { SpillStore } from './channel/spill-store.ts';
import { type Clock, type Random, systemClock, within } from './clock.ts';
import { DeadLetter } from './dead-letter.ts';
import { FlumeError } from './errors.ts';
import { type FlumeEvent, type HeaderList, headerList } from './event/flume-event.ts';
import { Intake } from './intake.ts';
import { Diagnostics } from './observe/diagnostics.ts';
import { Voice } from './observe/voice.ts';
import { type DeliveryOptions, type ResolvedDelivery, resolveDelivery } from './options/delivery-options.ts';
import { waitMs } from './options/option-check.ts';
import { type ExitParty, joinExit, leaveExit, writeStderr } from './process/process-exit.ts';
import { type Dial, dial } from './rpc/socket.ts';
import { Sink } from './sink/sink.ts';
import { Books, type DropReason, type Report, type Stats } from './stats.ts';
import type { FileStore } from './store/file-store.ts';
import type { Protocol } from './thrift/protocol.ts';
import { protocolNamed } from './thrift/protocols.ts';
import { Reader } from './thrift/reply.ts';

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
  drop: [{ readonly count: number; readonly reason: DropReason }];
}

// For dead letters and files, also where close() has no time left.
const lastWritesMs = 250;
// A disk may have room again without an event that leaves the channel.
const roomCheckMs = 1_000;

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
  readonly #protocol: Protocol;
  readonly #books = new Books();
  readonly #diagnostics = new Diagnostics(this);
  readonly #flushPoints = new FlushPoints();
  readonly #voice: Voice;
  readonly #channel: Channel;
  /** The channel's store, where its events outlive the process. */
  readonly #file: FileStore | undefined;
  /** The same, where it has to be told when its events are to go to disk. */
  readonly #spill: SpillStore | undefined;
  readonly #intake: Intake;
  readonly #agents: readonly Agent[];
  readonly #sink: Sink;
  readonly #deadLetter: DeadLetter | undefined;
  readonly #exitParty: ExitParty;
  /** Called when events have left the channel, when an agent has changed, and at close. */
  readonly #checks = new Set<() => void>();
  #closing: Promise<Report> | undefined;
  #isClosed = false;
  #hurries = 0;
  /** Offers that wait for room. */
  #offers = 0;
  readonly #losses: { readonly count: number; readonly reason: DropReason }[] = [];
  /** Within put(), and within a listener of losses. */
  #taking = false;
  #telling = false;
  /** The channel's tail when a process that was about to end got its last drain. */
  #drainedTail = 0;

  /**
   * @param options checked at once
   * @param given for tests: the clock, the source of chance, and what opens a socket
   * @throws FlumeError `ERR_FLUME_OPTION` naming the option
   */
  constructor(options?: DeliveryOptions, given: { clock?: Clock; random?: Random; dial?: Dial } = {}) {
    super();
    const resolved = resolveDelivery(options);
    const clock = given.clock ?? systemClock;
    this.#options = resolved;
    this.#clock = clock;
    this.#protocol = protocolNamed(resolved.protocol);
    const fixedHeaders = headerList(resolved.headers);
    this.#voice = new Voice(clock, (error) => this.#say(error));

    this.#deadLetter =
      resolved.deadLetter === undefined
        ? undefined
        : new DeadLetter(resolved.deadLetter, {
            tell: (error) => this.#say(error),
            caughtUp: () => this.#sink.resume(),
          });
    const { channel, file, spill } = openChannel(
      this.#protocol,
      fixedHeaders,
      resolved.channel,
      { clock },
      {
        settled: (from, to, how) => this.#settled(from, to, how),
        arrived: () => this.#arrived(),
        warn: (error) => this.#say(error),
      },
    );
    this.#channel = channel;
    this.#file = file;
    this.#spill = spill;
    this.#intake = new Intake(resolved, this.#protocol, this.#channel, this.#deadLetter);
    const listener: AgentListener = {
      changed: () => this.#changed(),
      failed: ({ endpoint }, error) => {
        this.#diagnostics.failing(endpoint.name, error);
        this.#voice.failed(endpoint.name, error);
      },
      answered: ({ endpoint }, batch, durationMs, error) =>
        this.#diagnostics.answered(endpoint.name, batch, durationMs, error),
      learned: (agent, batchSize) => this.#voice.learned(agent.endpoint.name, batchSize),
      recovered: (agent, outageMs) => this.#recovered(agent, outageMs),
    };
    const world = { protocol: this.#protocol, dial: given.dial ?? dial, clock, random: given.random ?? Math.random };
    const group = openAgents(resolved, world, listener);
    this.#agents = group.agents;
    this.#sink = new Sink(this.#channel, group, {
      dueEvents: batchSizes(resolved.batchSize).start,
      batchBytes: resolved.batchBytes,
      lingerMs: resolved.lingerMs,
      maxAttempts: resolved.retry.maxAttempts,
      maxAgeMs: resolved.retry.maxAgeMs,
      backoff: resolved.retry,
      keepsOrder: resolved.maxInFlight === 1 && resolved.agents.length === 1,
      clock,
      random: world.random,
      largestEvent: (batch) => this.#largest(batch),
      canGiveUp: () => this.#deadLetter?.isBehind !== true,
      giveUp: (batch, reason) => this.#deadLetter?.add(this.#decoded(batch), reason),
    });
    this.#exitParty = { drainAtExit: () => this.#drainAtExit(), leftBehind: () => this.#endAtOnce() };
    this.#diagnostics.opened();
  }

  /**
   * Takes an event: it is encoded now and sent later. Never throws, never waits.
   *
   * @returns false where the event was dropped at once (the channel is full, the event too large or no event, or the
   * agent closed), which is counted by reason
   */
  put(event: FlumeEvent): boolean {
    return this.#book(this.#take(event));
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
      await this.#room();
      reason = this.#take(event);
    }
    return this.#book(reason);
  }

  /**
   * Resolves when some agent has answered.
   *
   * @param options timeoutMs: by default the option connectTimeoutMs
   * @throws FlumeError `ERR_FLUME_CONNECT` where none did in time, and says why
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    const timeoutMs = waitMs(options, this.#options.connectTimeoutMs);
    let proven: () => void = () => {};
    const reached = new Promise<void>((resolve) => {
      proven = resolve;
    });
    const check = (): void => {
      if (this.#closing !== undefined || this.#agents.some((agent) => agent.isProven)) proven();
      else for (const agent of this.#agents) agent.prove();
    };
    this.#checks.add(check);
    check();
    await within(this.#clock, timeoutMs, reached);
    this.#checks.delete(check);
    if (this.#closing !== undefined) throw new FlumeError('ERR_FLUME_CLOSED', 'the agent is closed');
    if (!this.#agents.some((agent) => agent.isProven)) {
      throw new FlumeError('ERR_FLUME_CONNECT', `no agent is ready: ${this.#whyNot() ?? 'none has answered yet'}`);
    }
  }

  /**
   * Sends what is queued without lingering. Never rejects, but for a wrong timeoutMs.
   *
   * @param options timeoutMs: by default the option flushTimeoutMs
   * @returns when all events accepted before the call are acknowledged or dropped, or the time is over: see `queued`
   */
  async flush(options: WaitOptions = {}): Promise<Report> {
    const timeoutMs = waitMs(options, this.#options.flushTimeoutMs);
    const point = this.#flushPoints.add(this.#channel);
    this.#hurry(1);
    await within(this.#clock, timeoutMs, point.reached);
    this.#hurry(-1);
    point.leave();
    return { delivered: this.#books.delivered, dropped: this.#books.droppedTotal, queued: point.pending };
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
    for (const check of this.#checks) check();
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
    else this.#lost(to - from, how);
    if (this.#channel.queuedEvents === 0) {
      leaveExit(this.#exitParty);
      this.#voice.drained();
    }
    this.#flushPoints.settled(from, to);
    for (const check of this.#checks) check();
    this.#tellLosses();
  }

  /** A file channel has found events, or can read them again. */
  #arrived(): void {
    if (this.#channel.queuedEvents > 0) joinExit(this.#exitParty);
    this.#sink.wake();
  }

  #take(event: FlumeEvent): DropReason | undefined {
    if (this.#closing !== undefined) return 'closed';
    this.#taking = true;
    try {
      return this.#intake.put(event);
    } catch {
      // At the end of the stack anything throws.
      return 'invalid';
    } finally {
      this.#taking = false;
    }
  }

  /** @returns whether the event is in the channel */
  #book(reason: DropReason | undefined): boolean {
    this.#books.accepted += 1;
    if (reason === undefined) {
      if (this.#channel.queuedEvents === 1) joinExit(this.#exitParty);
      this.#sink.wake();
    } else {
      this.#lost(1, reason);
    }
    this.#tellLosses();
    return reason === undefined;
  }

  /** Until events have left the channel, or it is time to look again. */
  async #room(): Promise<void> {
    let left: () => void = () => {};
    const leaving = new Promise<void>((resolve) => {
      left = resolve;
    });
    this.#checks.add(left);
    this.#offers += 1;
    this.#sink.hurry(true);
    await within(this.#clock, roomCheckMs, leaving);
    this.#offers -= 1;
    this.#sink.hurry(this.#hurries + this.#offers > 0);
    this.#checks.delete(left);
  }

  #lost(count: number, reason: DropReason): void {
    this.#books.dropped[reason] += count;
    // What a listener causes by putting events itself is counted, and not told: it would hear of itself without end.
    if (!this.#telling) this.#losses.push({ count, reason });
  }

  /** Tells of losses when what caused them is over, since a listener may do anything. */
  #tellLosses(): void {
    if (this.#losses.length === 0 || this.#telling || this.#taking) return;
    this.#telling = true;
    for (const loss of this.#losses.splice(0)) {
      if (this.listenerCount('drop') > 0) this.#emitSafely('drop', loss);
      this.#diagnostics.dropped(loss.count, loss.reason);
      this.#voice.dropped(loss.reason, this.#books.dropped[loss.reason]);
    }
    this.#telling = false;
  }

  #recovered(agent: Agent, outageMs: number): void {
    this.#spill?.outage(false);
    this.#diagnostics.recovered(agent.endpoint.name, outageMs);
    this.#voice.recovered(agent.endpoint.name, outageMs);
  }

  #changed(): void {
    this.#spill?.outage(this.#agents.every(({ condition }) => condition === 'failing'));
    this.#sink.resume();
    for (const check of this.#checks) check();
  }

  #largest(batch: Transaction): number {
    const reader = new Reader(Buffer.concat(batch.views));
    let largest = 0;
    for (let from = 0, left = batch.count; left > 0; left--, from = reader.position) {
      this.#protocol.readEvent(reader);
      largest = Math.max(largest, reader.position - from);
    }
    return largest;
  }

  #decoded(batch: Transaction): { headers: HeaderList; body: Buffer }[] {
    const reader = new Reader(Buffer.concat(batch.views));
    return Array.from({ length: batch.count }, () => this.#protocol.readEvent(reader));
  }

  /** Flushes begin and end; while there is one, no batch lingers and no agent rests for long. */
  #hurry(change: 1 | -1): void {
    this.#hurries += change;
    // Only the first to come and the last to go make a difference.
    if (this.#hurries !== (change === 1 ? 1 : 0)) return;
    for (const agent of this.#agents) agent.hurry(change === 1);
    this.#sink.hurry(this.#hurries + this.#offers > 0);
  }

  // Intake stops first, so that the drain has an end; what is in files is made sure of before anything else is tried; the
  // flush cuts rests short; connections go when nothing is left for them or the time is over; what is still there then goes
  // to files, where the channel has any, and the channel goes last.
  async #close(timeoutMs: number): Promise<Report> {
    const end = this.#clock.now() + timeoutMs;
    const synced = this.#file?.sync();
    const report = await this.flush({ timeoutMs });
    const why = this.#whyNot();
    this.#sink.close();
    for (const agent of this.#agents) agent.close();
    this.#spill?.spill();
    const left = this.#leftBehind(why);
    this.#flushPoints.close();
    this.#voice.close();
    const written = Promise.all([this.#deadLetter?.flush(), synced?.then(() => this.#file?.close())]).then(() => {});
    await within(this.#clock, Math.max(lastWritesMs, end - this.#clock.now()), written);
    this.#isClosed = true;
    leaveExit(this.#exitParty);
    if (left !== undefined) writeStderr(left);
    const last = this.#file === undefined ? report : this.#spoolReport();
    this.#diagnostics.closed(last);
    return last;
  }

  #spoolReport(): Report {
    const { delivered, droppedTotal: dropped } = this.#books;
    const { queued, spooled } = this.stats();
    return { delivered, dropped, queued: queued.events, spooled };
  }

  #drainAtExit(): void {
    if (this.#closing !== undefined || this.#channel.tail === this.#drainedTail) return;
    // What was put meanwhile, by another listener of beforeExit say, deserves a drain of its own; the same events do not.
    this.#drainedTail = this.#channel.tail;
    void this.flush({ timeoutMs: this.#options.closeTimeoutMs });
  }

  /** The process ends, and nothing can be waited for. */
  #endAtOnce(): string | undefined {
    this.#spill?.spill();
    this.#isClosed = this.#file !== undefined;
    return this.#leftBehind(this.#whyNot());
  }

  #leftBehind(why: string | undefined): string | undefined {
    const lost = this.#channel.queuedEvents - (this.#file?.queued.count ?? 0);
    if (lost === 0) return undefined;
    const events = lost === 1 ? '1 event was' : `${lost} events were`;
    const reasons = [why, this.#spill?.illness].filter((reason) => reason !== undefined).join('; ');
    return `flume: ${events} not delivered${reasons === '' ? '' : `: ${reasons}`}`;
  }

  #whyNot(): string | undefined {
    const agents = this.#agents.map((agent) => agent.stats);
    const error = agents.find(({ lastError }) => lastError !== undefined)?.lastError;
    const silent = agents.find(({ inFlight }) => inFlight > 0);
    return error ?? (silent === undefined ? undefined : `Flume agent ${silent.name}: no answer yet`);
  }

  #say(error: FlumeError): void {
    if (this.#emitSafely('warning', error)) return;
    process.emitWarning(error.message, { type: error.name, code: error.code });
  }

  /** Nothing that a listener throws may reach the logger. */
  #emitSafely<Name extends keyof EmbeddedAgentEvents>(name: Name, ...args: EmbeddedAgentEvents[Name]): boolean {
    try {
      return (this as EventEmitter).emit(name, ...args);
    } catch (thrown) {
      process.emitWarning(`a listener of '${name}' threw: ${String(thrown)}`, { type: 'FlumeError' });
      return true;
    }
  }
}
