// The sink drains the channel: it cuts a batch when one is due, hands it to the agent that the group picks, and ends the
// batch's transaction by what the agent answers.

import type { Agent } from '../agents/agent.ts';
import type { AgentGroup } from '../agents/agent-group.ts';
import type { Channel, Transaction } from '../channel/channel.ts';
import type { Clock, Timer } from '../clock.ts';
import type { FlumeError } from '../errors.ts';
import type { DropReason } from '../stats.ts';
import { EventAges } from './event-ages.ts';
import { Suspect } from './suspect.ts';

export interface SinkOptions {
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  /** 0: for ever. */
  readonly maxAttempts: number;
  /** 0: for ever. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
  /** Sees events before they are dropped. */
  readonly giveUp: (batch: Transaction, reason: DropReason) => void;
}

// A batch that cost its connection this often is sent in halves, since one of its events may be the cause.
const failuresBeforeHalving = 2;
// A single event that did so alone this often before becomes a suspect.
const ownFailuresOfSuspect = 2;
// So many are set aside at most. Events behind a longer run of them wait.
const maxSuspects = 100;

export class Sink {
  readonly #channel: Channel;
  readonly #group: AgentGroup;
  readonly #options: SinkOptions;
  readonly #ages: EventAges | undefined;
  #linger: Timer | undefined;
  /** Events of smaller ordinals have lingered long enough. */
  #dueTail = 0;
  /** In the order in which they are tried. */
  readonly #suspects: Suspect[] = [];
  #scheduled = false;
  #pumping = false;
  #hurried = false;
  #closed = false;
  /** Events that were sent again, over all time. */
  retried = 0;

  constructor(channel: Channel, group: AgentGroup, options: SinkOptions) {
    this.#channel = channel;
    this.#group = group;
    this.#options = options;
    this.#ages = options.maxAgeMs > 0 ? new EventAges(options.maxAgeMs) : undefined;
  }

  /** An event was put. Does no work now, so that the logger never pays for the network. */
  wake(): void {
    this.#ages?.put(this.#channel.tail, this.#options.clock.now());
    if (this.#scheduled) return;
    if (this.#isDue()) this.#schedule();
    else this.#armLinger();
  }

  /** An agent changed. */
  resume(): void {
    if (!this.#scheduled && (this.#channel.availableEvents > 0 || this.#suspects.length > 0)) this.#schedule();
  }

  /** Somebody waits: no batch lingers while this is on. */
  hurry(on: boolean): void {
    this.#hurried = on;
    if (on) this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#disarmLinger();
    for (const suspect of this.#suspects) if (suspect.isWaiting) suspect.batch.rollback();
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
      this.#expire();
      while (this.#isDue()) {
        const agent = this.#group.pick();
        if (agent === undefined) return;
        if (!this.#sendNext(agent)) return;
      }
      if (this.#channel.availableEvents > 0) this.#armLinger();
      else this.#disarmLinger();
    } finally {
      this.#pumping = false;
    }
  }

  /** @returns false where there was nothing to send */
  #sendNext(agent: Agent): boolean {
    const othersWait = this.#channel.availableEvents > 0;
    const suspect = this.#suspects.find((one) => one.isFor(agent, othersWait));
    if (suspect !== undefined) {
      suspect.isWaiting = false;
      agent.send(suspect.batch, (error, blamed) => this.#suspectSettled(suspect, agent, error, blamed));
      return true;
    }
    const next = this.#channel.next;
    if (next === undefined) return false;
    const half = next.failures >= failuresBeforeHalving ? Math.ceil(next.events / 2) : next.events;
    const batch = this.#channel.take(Math.min(agent.batchSize, half), this.#options.batchBytes);
    if (batch === undefined) return false;
    agent.send(batch, (error, blamed) => this.#settled(batch, next.ordinal, agent, error, blamed));
    return true;
  }

  #settled(batch: Transaction, ordinal: number, agent: Agent, error: FlumeError | undefined, blamed: boolean): void {
    const suspicious = blamed && isSuspicious(error);
    if (error === undefined) {
      batch.commit();
    } else if (this.#isLastAttempt(batch.attempts, error)) {
      this.#drop(batch, 'attempts');
    } else {
      this.retried += batch.count;
      if (suspicious && this.#isSuspect(batch)) {
        this.#suspects.push(new Suspect(batch, ordinal, agent));
      } else {
        batch.rollback(suspicious);
      }
    }
    this.#pump();
  }

  #suspectSettled(suspect: Suspect, agent: Agent, error: FlumeError | undefined, blamed: boolean): void {
    const { batch } = suspect;
    this.#suspects.splice(this.#suspects.indexOf(suspect), 1);
    if (error === undefined) {
      batch.commit();
    } else {
      const isLast = this.#isLastAttempt(suspect.attempts, error);
      suspect.failed(agent, blamed && isSuspicious(error));
      const reason = suspect.isPoison ? 'poison' : isLast ? 'attempts' : undefined;
      if (reason === undefined) this.retried += 1;
      if (reason !== undefined) this.#drop(batch, reason);
      else if (this.#closed) batch.rollback();
      else this.#suspects.push(suspect);
    }
    this.#pump();
  }

  #isSuspect(batch: Transaction): boolean {
    return (
      batch.count === 1 &&
      batch.ownFailures >= ownFailuresOfSuspect &&
      this.#suspects.length < maxSuspects &&
      !this.#closed
    );
  }

  #isLastAttempt(attempts: number, error: FlumeError): boolean {
    const { maxAttempts } = this.#options;
    return maxAttempts > 0 && attempts + 1 >= maxAttempts && error.code !== 'ERR_FLUME_CLOSED';
  }

  /** Drops what is older than maxAgeMs and not in flight. */
  #expire(): void {
    if (this.#ages === undefined) return;
    const expired = this.#ages.expired(this.#channel.tail, this.#options.clock.now());
    for (let next = this.#channel.next; next !== undefined && next.ordinal < expired; next = this.#channel.next) {
      const batch = this.#channel.take(expired - next.ordinal, Number.MAX_SAFE_INTEGER);
      if (batch !== undefined) this.#drop(batch, 'expired');
    }
    for (const suspect of this.#suspects.filter((one) => one.isWaiting && one.ordinal < expired)) {
      this.#suspects.splice(this.#suspects.indexOf(suspect), 1);
      this.#drop(suspect.batch, 'expired');
    }
  }

  #drop(batch: Transaction, reason: DropReason): void {
    this.#options.giveUp(batch, reason);
    batch.drop(reason);
  }

  #isDue(): boolean {
    const { availableEvents } = this.#channel;
    if (this.#suspects.some((suspect) => suspect.isWaiting)) return true;
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

  #disarmLinger(): void {
    this.#linger?.cancel();
    this.#linger = undefined;
  }
}

/** An exception, or a connection that ended without an answer: what an event that breaks the agent looks like. */
function isSuspicious(error: FlumeError | undefined): boolean {
  return error?.code === 'ERR_FLUME_EXCEPTION' || (error?.code === 'ERR_FLUME_CONNECTION_LOST' && error.ackUnknown);
}
