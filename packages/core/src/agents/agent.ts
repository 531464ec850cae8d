// One agent as this process knows it: its endpoint, the connection to it that the batches take in turn, those that one batch
// has to itself, and how it is.

import type { Clock, Random } from '../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import { FlumeError } from '../errors.ts';
import type { Payload, Settle } from '../rpc/connection.ts';
import type { End, Outcome } from '../rpc/outcome.ts';
import type { AgentState, AgentStats } from '../stats.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { BatchSize, type BatchSizes } from './batch-size.ts';
import { Condition } from './condition.ts';
import { Line, type LineOptions } from './line.ts';
import { OwnConnections, unsent } from './own-connections.ts';

export type { Outcome } from '../rpc/outcome.ts';

export interface AgentOptions extends LineOptions {
  readonly batchSizes: BatchSizes;
  readonly maxInFlight: number;
  readonly backoff: BackoffOptions;
  readonly clock: Clock;
  readonly random: Random;
}

/** Hears from an agent. */
export interface AgentListener {
  /** It may be able to do now what it was not a moment ago. */
  changed(): void;
  /** It fails, having worked before. */
  failed(agent: Agent, error: FlumeError): void;
  /** It accepted events, having failed `outageMs` ago. */
  recovered(agent: Agent, outageMs: number): void;
  /** It answered a batch that has events, after so long, or the connection ended without an answer. */
  answered(agent: Agent, batch: Payload, durationMs: number, error: FlumeError | undefined): void;
  /** It turned out to take fewer events in a batch than configured. */
  learned(agent: Agent, batchSize: number): void;
}

// Connections that one batch has to itself, at a time.
const maxTrials = 4;
// A full channel answers after its keep-alive, 3 s by default. A refusal that comes at once costs the agent little, and may be
// this event's own: the next is tried soon, so that a run of such events does not hold up what is behind it.
const quickMs = 500;
const longestQuickRestMs = 1_000;

export class Agent {
  readonly endpoint: Endpoint;
  readonly #options: AgentOptions;
  readonly #listener: AgentListener;
  readonly #batchSize: BatchSize;
  readonly #condition: Condition;
  readonly #line: Line;
  readonly #own: OwnConnections;
  /** Batches with events that it answered OK to, ever. */
  #accepted = 0;
  /** Its last answer was OK, so that several calls may be in flight. */
  #isAtEase = true;
  #isClosed = false;

  constructor(endpoint: Endpoint, options: AgentOptions, listener: AgentListener) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
    this.#line = new Line(endpoint, options, {
      opened: () => listener.changed(),
      pinged: (refusal) => this.#pinged(refusal),
      ended: (end, hasAnswered, hasAccepted) => this.#disconnected(end, hasAnswered, hasAccepted),
    });
    this.#own = new OwnConnections(endpoint, options);
    this.#batchSize = new BatchSize(options.batchSizes, options.clock);
    const backoff = new Backoff(options.backoff, options.random);
    this.#condition = new Condition(backoff, options.clock, () => listener.changed());
  }

  get state(): AgentState {
    if (this.#condition.isResting) return 'resting';
    const { tag, inFlight } = this.#line;
    if (tag === 'retiring') return 'busy';
    if (tag !== 'open') return tag;
    return inFlight < (this.#isAtEase ? this.#options.maxInFlight : 1) ? 'ready' : 'busy';
  }

  /** How it is, as far as its answers show. */
  get condition(): Pick<Condition, 'tag' | 'isPromising' | 'isSilent' | 'sinceFailureMs' | 'hurry'> {
    return this.#condition;
  }

  /** How many events it takes in a batch. */
  get batchSize(): Pick<BatchSize, 'next' | 'isUsual'> {
    return this.#batchSize;
  }

  /** The connection that batches take in turn. */
  get line(): Pick<Line, 'isOpen' | 'isProven' | 'inFlight'> {
    return this.#line;
  }

  /** It can be sent a batch on a connection of its own. */
  get canTry(): boolean {
    if (this.#isClosed || this.#condition.isResting) return false;
    // A ping is to show first whether it is well.
    if (this.#line.isAsking) return false;
    return this.#own.count < (this.#condition.tag === 'well' ? maxTrials : 1);
  }

  get stats(): AgentStats {
    const { failures, lastError } = this.#condition.stats;
    return {
      name: this.endpoint.name,
      state: this.state,
      inFlight: this.#line.inFlight + this.#own.inFlight,
      failures,
      batchSize: this.#batchSize.usual,
      lastError,
    };
  }

  /** Sees to it that the agent answers something, if only a ping, where it has not and there is nothing to send. */
  prove(): void {
    this.connect(() => true);
    if (this.state === 'ready' && !this.#line.isProven && this.#line.inFlight === 0) this.#line.probe();
  }

  /** Asks by a ping whether it is there, unless a call is to tell already. */
  question(): void {
    if (this.#line.inFlight > 0 || this.#condition.isResting) return;
    if (this.#line.isOpen) this.#line.probe();
    else this.connect(() => true);
  }

  /** Starts to connect. Where `probes` says so when it is connected, the agent is ready only when it has answered a ping. */
  connect(probes: () => boolean): void {
    if (!this.#isClosed && this.state === 'idle') this.#line.connect(probes);
  }

  /** Sends a batch and settles once. The agent must be ready. */
  send(batch: Payload, settle: Settle): void {
    const { clock } = this.#options;
    this.#batchSize.sent(batch.count);
    const sentAt = clock.now();
    const answer = this.#answerTo(batch, settle);
    this.#line.send(batch, (outcome) => {
      if (outcome.tag === 'accepted') this.#line.accepted();
      if (outcome.tag === 'refused') this.#refused(batch.count, outcome.error, clock.now() - sentAt);
      answer(outcome);
    });
  }

  /** Sends a batch on a connection of its own, so that no other waits for it, and settles once. */
  try(batch: Payload, settle: Settle): void {
    const acceptedBefore = this.#accepted;
    let isSent = false;
    this.#own.open({
      opened: (connection) => {
        isSent = true;
        const answer = this.#answerTo(batch, (outcome) => {
          // Where others have passed meanwhile, or are under way, they show how the agent is.
          if (this.#accepted === acceptedBefore && this.#line.inFlight === 0) this.#doubted(outcome, batch.count);
          settle(outcome);
          connection.destroy(closedError('the trial is over'));
        });
        connection.call('appendBatch', batch, answer);
      },
      ended: ({ tag, error }) => {
        if (tag === 'unreachable' && !this.#line.isOpen && !this.#isClosed) this.#away(error);
        if (!isSent) settle(unsent(error));
        if (!this.#isClosed) this.#listener.changed();
      },
    });
  }

  /** Ends the connections, and all that is in flight with them, for good. */
  close(): void {
    this.#isClosed = true;
    this.#condition.close();
    const error = closedError('closed');
    this.#line.destroy(error);
    this.#own.close(error);
  }

  /** @returns what is to hear of the batch's outcome, and does what always follows from it */
  #answerTo(batch: Payload, settle: Settle): Settle {
    const { clock } = this.#options;
    const sentAt = clock.now();
    return (outcome) => {
      const durationMs = clock.now() - sentAt;
      if (outcome.tag === 'accepted') this.#acceptedBatch(batch.count);
      settle(outcome);
      this.#listener.answered(this, batch, durationMs, outcome.tag === 'accepted' ? undefined : outcome.error);
      this.#line.settled();
    };
  }

  #pinged(refusal: FlumeError | undefined): void {
    if (refusal !== undefined) return this.#failed(refusal);
    this.#condition.answered();
    this.#listener.changed();
  }

  #acceptedBatch(count: number): void {
    this.#accepted += 1;
    this.#isAtEase = true;
    if (this.#batchSize.accepted(count) === 'learned') this.#listener.learned(this, this.#batchSize.usual);
    const outageMs = this.#condition.accepted();
    if (outageMs !== undefined) this.#listener.recovered(this, outageMs);
  }

  /** The agent will not have the batch, but the connection is as good as before. */
  #refused(count: number, error: FlumeError, durationMs: number): void {
    this.#isAtEase = false;
    const isFull = this.#condition.tag !== 'well';
    if (this.#batchSize.refused(count, isFull)) return;
    this.#doubt(this.#fullError(error), durationMs < quickMs ? longestQuickRestMs : undefined);
  }

  /** A batch failed on a connection of its own, and nothing else shows how the agent is. */
  #doubted(outcome: Outcome, count: number): void {
    const isWell = this.#condition.tag === 'well';
    if (outcome.tag === 'broken' && outcome.how !== 'given up') {
      if (isWell) this.question();
      else this.#doubt(outcome.error);
    } else if (outcome.tag === 'refused' && this.#batchSize.isUsual(count) && !isWell) {
      this.#doubt(this.#fullError(outcome.error));
    }
  }

  #fullError(error: FlumeError): FlumeError {
    const full = `Flume agent ${this.endpoint.name}: its channel is full: it refuses what it took before`;
    return error.code === 'ERR_FLUME_FAILED' ? new FlumeError(error.code, full) : error;
  }

  #disconnected({ tag, isSilent, error }: End, hasAnswered: boolean, hasAccepted: boolean): void {
    if (this.#isClosed) return;
    if (isSilent) this.#condition.silent();
    switch (tag) {
      // We retire an old one: the next batch opens another.
      case 'given up':
        break;
      // A source may close an idle connection. One that closes before it was asked anything may do so for ever: it is no
      // failure yet, but must not become a loop.
      case 'idle':
        if (!hasAnswered) this.#condition.rest();
        break;
      // One that had accepted something is replaced at once.
      case 'broken':
        this.#batchSize.broken();
        if (hasAccepted) return this.#doubt(error);
        return this.#failed(error);
      default:
        return this.#away(error);
    }
    this.#listener.changed();
  }

  /** It cannot be reached: where it is again, it was started anew. */
  #away(error: FlumeError): void {
    this.#batchSize.restarted();
    this.#failed(error);
  }

  #doubt(error: FlumeError, longestRestMs?: number): void {
    this.#isAtEase = false;
    if (this.#condition.doubt(error, longestRestMs) === 'begun') this.#listener.failed(this, error);
    this.#listener.changed();
  }

  #failed(error: FlumeError): void {
    this.#isAtEase = false;
    if (this.#condition.fail(error) === 'begun') this.#listener.failed(this, error);
    this.#listener.changed();
  }
}

function closedError(why: string): FlumeError {
  return new FlumeError('ERR_FLUME_CLOSED', why);
}
