// A client's socket to a simulated agent. It reads what the client writes, as the agent would, and brings what the agent
// says, through the network.

import type { Handshake, Socket } from '../packages/core/src/rpc/socket.ts';
import { readRequest } from '../test/delivery/thrift-frames.ts';
import type { VirtualClock } from '../test/delivery/virtual-clock.ts';
import type { Client } from './client.ts';
import { Flow, type Network } from './network.ts';

/** One batch on its way. */
export interface Request {
  readonly sequenceId: number;
  readonly count: number;
  /** Its events, as the client numbers them, in runs without a gap. */
  readonly runs: readonly Run[];
}

export interface Run {
  readonly from: number;
  readonly to: number;
}

/** The agent's end. */
export interface Peer {
  readonly index: number;
  received(request: Request): void;
  /** The client has closed the connection. */
  hungUp(): void;
}

// A listener of any of the events.
// oxlint-disable-next-line typescript/no-explicit-any
type Listener = (argument?: any) => void;

export class Link implements Socket {
  readonly client: Client;
  readonly handshake: Handshake | undefined;
  readonly #peer: Peer;
  readonly #clock: VirtualClock;
  readonly #network: Network;
  readonly #there = new Flow();
  readonly #back = new Flow();
  readonly #listeners = new Map<string, Listener>();
  #chunks: Uint8Array[] = [];
  isDestroyed = false;

  constructor(client: Client, peer: Peer, world: LinkWorld) {
    this.client = client;
    this.#peer = peer;
    this.#clock = world.clock;
    this.#network = world.network;
    this.handshake = world.handshake;
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, listener);
    return this;
  }

  unref(): void {}

  cork(): void {}

  uncork(): void {}

  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    const [head] = this.#chunks;
    if (head === undefined || head.length < 4) return;
    const length = 4 + new DataView(head.buffer, head.byteOffset, 4).getInt32(0);
    let written = 0;
    for (const chunk of this.#chunks) written += chunk.length;
    if (written < length) return;
    // Read now: when the client has given the batch up, other events may stand there.
    const { sequenceId, events } = readRequest(Buffer.concat(this.#chunks), 'compact');
    this.#chunks = [];
    const request = { sequenceId, count: events.length, runs: runsOf(events.map(({ body }) => Number(body))) };
    this.#carry(this.#there, () => this.#peer.received(request));
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.#carry(this.#there, () => this.#peer.hungUp());
    this.#clock.at(this.#clock.now(), () => this.#emit('close'));
  }

  // What the agent does.

  say(event: 'connect' | 'secureConnect' | 'end'): void {
    this.#carry(this.#back, () => this.#hear(event));
  }

  reset(code: 'ECONNRESET' | 'ECONNREFUSED'): void {
    this.#carry(this.#back, () => this.#hear('error', Object.assign(new Error(code), { code })));
  }

  /** @param delivered what was asked, where the answer is OK */
  answer(bytes: Buffer, delivered: Request | undefined): void {
    this.#carry(this.#back, (at) => {
      if (this.isDestroyed) return;
      if (delivered !== undefined) this.client.delivered(delivered, at);
      this.#emit('data', bytes);
    });
  }

  #carry(flow: Flow, arrive: (at: number) => void): void {
    this.#network.carry(this.client.index, this.#peer.index, flow, arrive);
  }

  #hear(event: string, argument?: unknown): void {
    if (!this.isDestroyed) this.#emit(event, argument);
  }

  #emit(event: string, argument?: unknown): void {
    this.#listeners.get(event)?.(argument);
  }
}

export interface LinkWorld {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly handshake: Handshake | undefined;
}

function runsOf(ids: readonly number[]): Run[] {
  const runs: { from: number; to: number }[] = [];
  let last: { from: number; to: number } | undefined;
  for (const id of ids) {
    if (last?.to === id) last.to += 1;
    else {
      last = { from: id, to: id + 1 };
      runs.push(last);
    }
  }
  return runs;
}
