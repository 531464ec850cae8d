// A fleet: thousands of the real EmbeddedAgents on one virtual clock, against simulated Flume agents, through one scene.

import type { DeliveryOptions } from '../packages/core/src/options/delivery-options.ts';
import { Chance } from '../test/delivery/chance.ts';
import { VirtualClock } from '../test/delivery/virtual-clock.ts';
import { Client } from './client.ts';
import { Delays } from './delays.ts';
import { Kdc } from './kdc.ts';
import { type MeasuredAgent, measuredAgent } from './measured-agent.ts';
import { Network } from './network.ts';
import { nameTtlMs, type Scene, type SceneName, type Step, scenes } from './scenes.ts';
import { type Security, SimulatedSource } from './simulated-source.ts';

export interface FleetOptions {
  readonly clients: number;
  readonly agents: number;
  readonly scenario: SceneName;
  readonly processor: 'failover' | 'load_balance';
  readonly selector?: DeliveryOptions['selector'];
  readonly security: Security;
  /** Of each agent, where they are not as measured: for batches, with TLS or Kerberos for connections. */
  readonly threads?: number;
  /** Events a second of each client. */
  readonly rate: number;
  /** Of load, at least: some scenes take longer. */
  readonly seconds: number;
  readonly seed: number;
  /** What of the agents is not as measured. */
  readonly agent?: Partial<Pick<MeasuredAgent, 'restartMs' | 'keepAliveMs'>>;
}

/** A sample of the whole, once in a second. */
export interface Sample {
  readonly second: number;
  /** Events that no agent is known to have. */
  readonly open: number;
  readonly connections: number;
}

// Clients whose events are timed.
const timedClients = 100;
// After the clients have stopped logging.
const drainMs = 900_000;

export class Fleet {
  readonly options: FleetOptions;
  readonly scene: Scene;
  readonly clients: readonly Client[];
  readonly sources: readonly SimulatedSource[];
  readonly samples: Sample[] = [];
  /** Of some clients. */
  readonly quiet: Delays[] = [];
  readonly loud: Delays[] = [];
  readonly #clock = new VirtualClock();
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #measured: MeasuredAgent;
  /** When each client no longer takes the first agent's name for its old address. */
  readonly #forgets: Float64Array;

  constructor(options: FleetOptions) {
    this.options = options;
    const measured = { ...measuredAgent(), ...options.agent };
    const { threads } = options;
    this.#measured = threads === undefined ? measured : { ...measured, threads, secureThreads: threads };
    const { clients, agents, seconds, seed } = options;
    const { restartMs, kdcMs } = this.#measured;
    this.scene = scenes[options.scenario].make({ clients, agents, seconds, restartMs });
    this.#chance = new Chance(seed);
    this.#network = new Network(this.#clock, new Chance(seed + 0x1000_0000));
    const security = this.scene.security ?? options.security;
    const kdc = new Kdc(this.#clock, kdcMs, this.scene.kdcDelayMs ?? 0);
    const world = { clock: this.#clock, network: this.#network, measured: this.#measured, security, kdc };
    // One more, for a name that changes.
    this.sources = Array.from({ length: agents + 1 }, (_, index) => new SimulatedSource(index, world));
    this.clients = this.#makeClients();
    this.#forgets = new Float64Array(clients).fill(Number.POSITIVE_INFINITY);
  }

  /** Runs until all is delivered, or time is over. @returns the virtual milliseconds that it took */
  async run(): Promise<number> {
    const { startMs, steps, endAt, disturbances } = this.scene;
    for (const client of this.clients) this.#clock.at(this.#chance.next() * startMs, () => client.start());
    for (const step of steps) this.#clock.at(step.at, () => this.#act(step));
    for (const at of disturbances) {
      this.#clock.at(at, () => {
        for (const client of this.clients) client.disturbed();
      });
    }
    this.#clock.at(endAt, () => {
      for (const client of this.clients) client.stop();
    });
    this.#sample();
    await this.#runUntil(endAt);
    while (this.#open > 0 && this.#clock.now() < endAt + drainMs) await this.#runUntil(this.#clock.now() + 1_000);
    return this.#clock.now();
  }

  #makeClients(): Client[] {
    const { clients, rate, seed } = this.options;
    const { loudness = 1 } = this.scene;
    const options = this.#clientOptions();
    const every = Math.max(1, Math.floor(clients / timedClients));
    return Array.from({ length: clients }, (_, index) => {
      const isLoud = index === 0 && loudness > 1;
      const delays = isLoud || index % every === 0 ? new Delays() : undefined;
      if (delays !== undefined) (isLoud ? this.loud : this.quiet).push(delays);
      return new Client(index, {
        clock: this.#clock,
        chance: new Chance(seed + 0x2000_0000 + index),
        seed,
        options,
        dial: (client) => (endpoint) => this.#sourceFor(client, Number(endpoint.name.split(':')[1])).dial(client),
        rate: isLoud ? rate * loudness : rate,
        delays,
      });
    });
  }

  #clientOptions(): DeliveryOptions {
    const { agents, processor, selector } = this.options;
    return {
      agents: Array.from({ length: agents }, (_, index) => `127.0.0.1:${index + 1}`),
      processor,
      ...(selector === undefined ? {} : { selector }),
      connectionMaxAgeMs: this.scene.connectionMaxAgeMs ?? 0,
      exitTimeoutMs: 0,
    };
  }

  /** The port stands for the agent's name. */
  #sourceFor(client: Client, port: number): SimulatedSource {
    const isMoved = port === 1 && this.#clock.now() >= (this.#forgets[client.index] as number);
    return this.sources[isMoved ? this.options.agents : port - 1] as SimulatedSource;
  }

  #act(step: Step): void {
    const { clients, agents } = this.options;
    const source = 'agent' in step ? (this.sources[step.agent] as SimulatedSource) : undefined;
    switch (step.does) {
      case 'kill':
        source?.kill();
        return;
      case 'start':
        source?.start();
        return;
      case 'stop sink':
      case 'start sink':
        source?.setSink(step.does === 'start sink');
        return;
      case 'cut':
        this.#network.cut((client, of) => client < clients / 2 !== of < agents / 2);
        return;
      case 'heal':
        this.#network.heal();
        return;
      case 'rename':
        for (let at = 0; at < clients; at++) this.#forgets[at] = this.#clock.now() + this.#chance.next() * nameTtlMs;
    }
  }

  get #open(): number {
    let open = 0;
    for (const client of this.clients) open += client.open;
    return open;
  }

  #sample(): void {
    this.#clock.at(this.#clock.now() + 1_000, (at) => {
      const connections = this.sources.reduce((sum, { record }) => sum + record.connections, 0);
      this.samples.push({ second: Math.round(at / 1_000), open: this.#open, connections });
      if (at < this.scene.endAt) this.#sample();
    });
  }

  async #runUntil(end: number): Promise<void> {
    let isOver = false;
    this.#clock.at(end, () => {
      isOver = true;
    });
    while (!isOver) this.#clock.step();
    // What waits for a promise.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
