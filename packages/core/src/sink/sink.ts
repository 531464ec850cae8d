// The sink drains the channel: it cuts a batch when one is due, hands it to the agent that the group picks, and ends the
// batch's transaction by what the agent answers.

import type { Agent } from '../agents/agent.ts';
import type { AgentGroup } from '../agents/agent-group.ts';
import type { Blame, Channel, Transaction } from '../channel/channel.ts';
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

// Events whose batch cost its connection this often are sent one by one, since one of them may be the cause. Halving would
// take more failures in a row, each with a longer rest.
const failuresBeforeSingles = 2;
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
    // Not now: whoever hurries may be a listener in the middle of something, such as a failure not yet rolled back.
    if (on && !this.#scheduled) this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#disarmLinger();
    for (const suspect of this.#suspects) if (suspect.isWaiting) suspect.batch.rollback();
  }

  #schedule(): void {
    if (this.#closed) return;
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
    const most = next.failures >= failuresBeforeSingles ? 1 : agent.batchSize;
    const batch = this.#channel.take(most, this.#options.batchBytes);
    if (batch === undefined) return false;
    agent.send(batch, (error, blamed) => this.#settled(batch, next.ordinal, agent, error, blamed));
    return true;
  }

  #settled(batch: Transaction, ordinal: number, agent: Agent, error: FlumeError | undefined, blamed: boolean): void {
    const blame = blameOf(batch, error, blamed);
    if (error === undefined) {
      batch.commit();
    } else if (blame !== 'none' && this.#isLastAttempt(batch.attempts)) {
      this.#drop(batch, 'attempts');
    } else {
      this.retried += batch.count;
      if (blame === 'suspicion' && this.#isSuspect(batch)) {
        this.#suspects.push(new Suspect(batch, ordinal, agent));
      } else {
        batch.rollback(blame);
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
      const blame = blameOf(batch, error, blamed);
      const isLast = blame !== 'none' && this.#isLastAttempt(suspect.attempts);
      suspect.failed(agent, blame);
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

  #isLastAttempt(attempts: number): boolean {
    const { maxAttempts } = this.#options;
    return maxAttempts > 0 && attempts + 1 >= maxAttempts;
  }

  /** Drops what is older than maxAgeMs and not in flight. */
  #expire(): void {
    if (this.#ages === undefined) return;
    const expired = this.#ages.expired(this.#channel.tail, this.#options.clock.now());
    for (let next = this.#channel.next; next !== undefined && next.ordinal < expired; next = this.#channel.next) {
      const batch = this.#channel.take(expired - next.ordinal, Number.MAX_SAFE_INTEGER);
      // Not to be read now.
      if (batch === undefined) break;
      this.#drop(batch, 'expired');
    }
    for (const suspect of this.#suspects.filter((one) => one.isWaiting && one.ordinal < expired)) {
      this.#suspects.splice(this.#suspects.indexOf(suspect), 1);
      this.#drop(suspect.batch, 'expired');
    }
  }

  #drop(batch: Transaction, reason: DropReason): void {
    try {
      this.#options.giveUp(batch, reason);
    } finally {
      batch.drop(reason);
    }
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

/**
 * Whose fault it is. Calls behind the one that failed share its fate only; a refused batch may be too large, or early. An
 * exception, or a connection that ends without an answer, is what an event that breaks the agent looks like.
 */
function blameOf(batch: Transaction, error: FlumeError | undefined, blamed: boolean): Blame {
  if (error === undefined || !blamed || error.code === 'ERR_FLUME_CLOSED') return 'none';
  if (error.code === 'ERR_FLUME_FAILED' && batch.count > 1) return 'none';
  const isSilent = error.code === 'ERR_FLUME_CONNECTION_LOST' && error.ackUnknown;
  return isSilent || error.code === 'ERR_FLUME_EXCEPTION' ? 'suspicion' : 'attempt';
}
