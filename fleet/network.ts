// What lies between clients and agents: a latency, and paths that are cut. Nothing that is on a cut path is lost, as TCP has
// it: it arrives when the path is there again, and is sent again.

import type { Chance } from '../test/delivery/chance.ts';
import type { VirtualClock } from '../test/delivery/virtual-clock.ts';

/** The packets of one connection in one direction: none overtakes another. */
export class Flow {
  lastAt = 0;
}

export type Path = (client: number, source: number) => boolean;

// One way.
const leastMs = 0.2;
const mostMs = 1;
// After an outage TCP tries again at some time within this.
const resendMs = 2_000;

export class Network {
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  #isCut: Path | undefined;
  #held: { readonly flow: Flow; readonly arrive: (at: number) => void }[] = [];

  constructor(clock: VirtualClock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** From now on what goes along such paths does not arrive. */
  cut(isCut: Path): void {
    this.#isCut = isCut;
  }

  heal(): void {
    this.#isCut = undefined;
    const now = this.#clock.now();
    for (const { flow, arrive } of this.#held.splice(0)) {
      if (flow.lastAt < now) flow.lastAt = now + this.#chance.next() * resendMs;
      this.#clock.at(flow.lastAt, arrive);
    }
  }

  isCut(client: number, source: number): boolean {
    return this.#isCut?.(client, source) ?? false;
  }

  latencyMs(): number {
    return leastMs + this.#chance.next() * (mostMs - leastMs);
  }

  carry(client: number, source: number, flow: Flow, arrive: (at: number) => void): void {
    if (this.isCut(client, source)) {
      this.#held.push({ flow, arrive });
      return;
    }
    flow.lastAt = Math.max(flow.lastAt, this.#clock.now() + this.latencyMs());
    this.#clock.at(flow.lastAt, arrive);
  }
}
