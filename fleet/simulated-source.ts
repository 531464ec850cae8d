// A Flume agent with a Thrift source, a memory channel and a sink, made of what was measured on real ones. A plain source
// has a pool of threads for the batches of all connections; with TLS or Kerberos each connection has a thread to itself. A
// batch for which the channel has no room holds its thread for keep-alive, and is then answered with FAILED.

import { statusReply } from '../test/delivery/thrift-frames.ts';
import type { VirtualClock } from '../test/delivery/virtual-clock.ts';
import type { Client } from './client.ts';
import type { Kdc } from './kdc.ts';
import { Link, type Request } from './link.ts';
import { type MeasuredAgent, serviceMs } from './measured-agent.ts';
import type { Network } from './network.ts';
import { SourceRecord } from './source-record.ts';

export type Security = 'plain' | 'tls' | 'kerberos';

export interface SourceWorld {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly measured: MeasuredAgent;
  readonly security: Security;
  readonly kdc: Kdc;
}

interface Session {
  readonly link: Link;
  readonly requests: Request[];
  isBusy: boolean;
  isHungUp: boolean;
}

const statusOk = 0;
const statusFailed = 1;
// As Linux does for a connection that nobody answers: after 1 s, then twice as long each time.
const resendSynMs = 1_000;
const handshake = { name: 'TLS', unanswered: 'no handshake', whenSilent: '', whenClosed: '' };

export class SimulatedSource {
  readonly index: number;
  readonly record = new SourceRecord();
  readonly #world: SourceWorld;
  readonly #sessions = new Set<Session>();
  /** Since when each core is free. */
  readonly #cores: number[];
  #freeThreads: number;
  /** Sessions with a batch for which there is no thread, in order. */
  #waiting: Session[] = [];
  #isUp = true;
  /** How often it was started: what an earlier life had begun is nothing to this one. */
  #life = 0;
  #acceptsAt = 0;
  #held = { events: 0, at: 0 };
  #drainPerMs: number;

  constructor(index: number, world: SourceWorld) {
    this.index = index;
    this.#world = world;
    const { cores, threads, drainEventsPerSecond } = world.measured;
    this.#cores = Array.from({ length: cores }, () => 0);
    this.#freeThreads = threads;
    this.#drainPerMs = drainEventsPerSecond / 1_000;
  }

  dial(client: Client): Link {
    const { security } = this.#world;
    const peer = {
      index: this.index,
      received: (request: Request) => this.#received(session, request),
      hungUp: () => this.#hungUp(session),
    };
    const link = new Link(client, peer, {
      ...this.#world,
      handshake: security === 'plain' ? undefined : handshake,
    });
    const session: Session = { link, requests: [], isBusy: false, isHungUp: false };
    this.#knock(session, resendSynMs);
    return link;
  }

  /** Dies: what its channel held is gone, and its kernel says so on every connection. */
  kill(): void {
    this.#isUp = false;
    this.#life += 1;
    for (const { link } of this.#sessions) link.reset('ECONNRESET');
    this.#sessions.clear();
    this.#waiting = [];
    this.#held = { events: 0, at: this.#world.clock.now() };
    this.record.connections = 0;
  }

  start(): void {
    this.#isUp = true;
    this.#freeThreads = this.#world.measured.threads;
    this.#acceptsAt = 0;
    this.#cores.fill(0);
  }

  /** Its sink stops, or goes on. */
  setSink(isRunning: boolean): void {
    this.#level();
    this.#drainPerMs = isRunning ? this.#world.measured.drainEventsPerSecond / 1_000 : 0;
  }

  /** The first packet of a connection. */
  #knock(session: Session, resendMs: number): void {
    const { clock, network, measured, security } = this.#world;
    const { link } = session;
    this.record.dialled(clock.now());
    clock.at(clock.now() + network.latencyMs(), (at) => {
      if (link.isDestroyed) return;
      const isSecure = security !== 'plain';
      const waiting = (this.#acceptsAt - at) / measured.acceptMs;
      const isLost = waiting > (isSecure ? measured.secureAcceptQueue : measured.acceptQueue);
      if (network.isCut(link.client.index, this.index) || (this.#isUp && isLost)) {
        clock.at(at + resendMs, () => {
          if (!link.isDestroyed) this.#knock(session, 2 * resendMs);
        });
        return;
      }
      if (!this.#isUp) {
        link.reset('ECONNREFUSED');
        return;
      }
      // The kernel accepts at once, the source when it comes to it.
      link.say('connect');
      this.#sessions.add(session);
      this.record.opened(at, this.#sessions.size);
      this.#acceptsAt = Math.max(this.#acceptsAt, at) + measured.acceptMs;
      if (isSecure) this.#later(this.#acceptsAt, () => this.#secure(session));
    });
  }

  /** A thread for the connection, then the handshake. */
  #secure(session: Session): void {
    const { clock, measured, security, kdc } = this.#world;
    const { link } = session;
    if (this.#sessions.size > measured.secureThreads) {
      this.record.refused(clock.now());
      this.#sessions.delete(session);
      link.say('end');
      return;
    }
    const shake = (ms: number): void =>
      this.#later(this.#worked(ms), () => {
        if (!session.isHungUp) link.say('secureConnect');
      });
    if (security === 'tls') {
      shake(measured.tlsHandshakeMs);
      return;
    }
    const life = this.#life;
    kdc.ticket(link, this.index, () => {
      if (life === this.#life) shake(measured.kerberosHandshakeMs);
    });
  }

  #hungUp(session: Session): void {
    session.isHungUp = true;
    if (this.#sessions.delete(session)) this.record.connections = this.#sessions.size;
  }

  #received(session: Session, request: Request): void {
    if (!this.#sessions.has(session)) return;
    session.requests.push(request);
    if (!session.isBusy) this.#next(session);
  }

  /** The session's oldest request gets a thread as soon as there is one. */
  #next(session: Session): void {
    session.isBusy = true;
    if (this.#world.security !== 'plain') this.#work(session);
    else if (this.#freeThreads > 0) {
      this.#freeThreads -= 1;
      this.#work(session);
    } else {
      this.#waiting.push(session);
      this.record.waited(this.#waiting.length);
    }
  }

  #work(session: Session): void {
    const request = session.requests[0] as Request;
    const { clock, measured } = this.#world;
    const { count } = request;
    if (count > measured.transactionCapacity) this.#answer(session, request, statusFailed, clock.now());
    else this.#admit(session, request, clock.now());
  }

  /** Waits until the channel has room for all of the batch, as long as keep-alive says. */
  #admit(session: Session, request: Request, since: number): void {
    const { clock, measured } = this.#world;
    const now = clock.now();
    const over = this.#level() + request.count - measured.channelCapacity;
    if (over <= 0 || request.count === 0) {
      this.#held.events += request.count;
      this.#answer(session, request, statusOk, this.#worked(serviceMs(measured, request.count)));
      return;
    }
    const end = since + measured.keepAliveMs;
    if (now >= end) {
      this.#answer(session, request, statusFailed, now);
      return;
    }
    const untilRoomMs = this.#drainPerMs === 0 ? Number.POSITIVE_INFINITY : over / this.#drainPerMs;
    this.#later(Math.min(end, now + Math.max(1, untilRoomMs)), () => this.#admit(session, request, since));
  }

  #answer(session: Session, request: Request, status: number, at: number): void {
    this.#later(at, () => {
      const { link, requests } = session;
      if (status === statusOk) {
        link.client.committed(request, at);
        this.record.accepted(at, request.count);
      } else {
        this.record.failed += 1;
      }
      link.answer(statusReply('compact', request.sequenceId, status), status === statusOk ? request : undefined);
      requests.shift();
      session.isBusy = false;
      const isPlain = this.#world.security === 'plain';
      if (isPlain) this.#freeThreads += 1;
      if (requests.length > 0) this.#next(session);
      const next = isPlain && this.#freeThreads > 0 ? this.#waiting.shift() : undefined;
      if (next === undefined) return;
      this.#freeThreads -= 1;
      this.#work(next);
    });
  }

  /** A core works for so long, from when one is free. @returns when it is done */
  #worked(ms: number): number {
    const cores = this.#cores;
    let first = 0;
    for (let core = 1; core < cores.length; core++) {
      if ((cores[core] as number) < (cores[first] as number)) first = core;
    }
    const end = Math.max(this.#world.clock.now(), cores[first] as number) + ms;
    cores[first] = end;
    return end;
  }

  #level(): number {
    const now = this.#world.clock.now();
    const events = Math.max(0, this.#held.events - this.#drainPerMs * (now - this.#held.at));
    this.#held = { events, at: now };
    return events;
  }

  #later(at: number, then: () => void): void {
    const life = this.#life;
    this.#world.clock.at(at, () => {
      if (life === this.#life) then();
    });
  }
}
