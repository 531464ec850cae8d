// A key distribution centre. A handshake needs a ticket of the client's own, and with it one for the agent; both are kept for
// the client's next ones. Each handshake asks by itself, and one that is given up asks for nothing more and keeps nothing; what
// it has asked for costs the KDC its time all the same.

import type { VirtualClock } from '../test/delivery/virtual-clock.ts';
import type { Client } from './client.ts';

/** Who asks. */
export interface Handshake {
  readonly client: Client;
  readonly isDestroyed: boolean;
}

// Of the client itself, where others are of an agent.
const own = -1;

export class Kdc {
  readonly #clock: VirtualClock;
  readonly #eachMs: number;
  readonly #delayMs: number;
  readonly #wallets = new Map<Client, Set<number>>();
  #freeAt = 0;

  /**
   * @param eachMs what a ticket costs it
   * @param delayMs how long each answer takes beside that
   */
  constructor(clock: VirtualClock, eachMs: number, delayMs: number) {
    this.#clock = clock;
    this.#eachMs = eachMs;
    this.#delayMs = delayMs;
  }

  /** Calls back when the handshake has a ticket for the agent. */
  ticket(handshake: Handshake, source: number, got: () => void): void {
    this.#ask(handshake, own, () => this.#ask(handshake, source, got));
  }

  #ask(handshake: Handshake, what: number, got: () => void): void {
    const wallet = this.#wallets.get(handshake.client) ?? new Set();
    this.#wallets.set(handshake.client, wallet);
    if (wallet.has(what)) {
      got();
      return;
    }
    this.#freeAt = Math.max(this.#freeAt, this.#clock.now()) + this.#eachMs;
    this.#clock.at(this.#freeAt + this.#delayMs, () => {
      if (handshake.isDestroyed) return;
      wallet.add(what);
      got();
    });
  }
}
