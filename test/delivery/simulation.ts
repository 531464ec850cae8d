// One simulation: the real EmbeddedAgent, with all of its delivery code, on a virtual clock, between an application and
// agents that do what the seed says. Ends with what came of it, or throws what must not be.

import { EmbeddedAgent } from '../../packages/core/src/embedded-agent.ts';
import type { Report } from '../../packages/core/src/stats.ts';
import { Chance } from './chance.ts';
import type { World } from './fake-socket.ts';
import { Oracle } from './oracle.ts';
import { type Action, drawScenario, type Scenario } from './scenario.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What happened in a simulation, counted, so that a test can tell that everything did in some of them. */
export type Outcome = Readonly<Record<string, number>>;

interface Wait {
  readonly what: string;
  readonly from: number;
  readonly timeoutMs: number;
  /** Events with smaller ids are waited for. */
  readonly upTo: number;
  over: boolean;
}

const mostSteps = 400_000;
// An event that is refused alone is given up after ten minutes at the earliest.
const drainMs = 1_500_000;
// A promise that resolves goes through a few others before the application sees it.
const turnsOfPromises = 24;
const firstPort = 4141;
const filler = 'The quick brown fox jümps over the lazy dög. '.repeat(120);

/** @param log takes a line for everything that happens */
export async function simulate(seed: number, log?: (line: string) => void): Promise<Outcome> {
  return new Simulation(seed, log).run();
}

class Simulation {
  readonly #clock = new VirtualClock();
  readonly #chance: Chance;
  readonly #scenario: Scenario;
  readonly #oracle: Oracle;
  readonly #world: World;
  readonly #agent: EmbeddedAgent;
  readonly #waits: Wait[] = [];
  #steps = 0;
  #echoes = 0;
  #settled = 0;
  #isClosing = false;

  constructor(seed: number, log: ((line: string) => void) | undefined) {
    this.#scenario = drawScenario(seed);
    const { settings, options, agents } = this.#scenario;
    this.#chance = new Chance(seed + 0x1000_0000);
    this.#oracle = new Oracle(settings, this.#clock);
    this.#world = {
      clock: this.#clock,
      chance: this.#chance,
      oracle: this.#oracle,
      settings,
      log: log === undefined ? () => {} : (line) => log(`${this.#clock.now().toFixed(1).padStart(9)} ${line()}`),
    };
    this.#world.log(() => JSON.stringify(this.#scenario));
    const simulated = agents.map(
      (script, index) => new SimulatedAgent(index, script, this.#scenario.calmAt, this.#world),
    );
    const endpoints = agents.map((_script, index) => `127.0.0.1:${firstPort + index}`);
    this.#agent = new EmbeddedAgent(
      {
        ...options,
        agents: endpoints,
        deadLetter: ({ headers }, reason) => {
          this.#world.log(() => `event ${headers['n']} is given up: ${reason}`);
          this.#oracle.gaveUp(Number(headers['n']), reason);
        },
      },
      {
        clock: this.#clock,
        random: new Chance(seed + 0x2000_0000).next,
        identity: String(seed),
        dial: (endpoint) =>
          (simulated[endpoint.tag === 'tcp' ? endpoint.port - firstPort : 0] as SimulatedAgent).dial(),
      },
    );
    this.#agent.on('warning', (error) => {
      this.#world.log(() => `warning: ${error.message}`);
      this.#oracle.warned(error);
      this.#oracle.checkBooks(this.#agent.stats());
      if (this.#scenario.echoes && this.#echoes++ < 20) this.#put();
    });
    for (const action of this.#scenario.actions) this.#clock.at(action.at, () => this.#act(action));
  }

  async run(): Promise<Outcome> {
    const { closeAt, calmAt, actions, settings, closeTimeoutMs } = this.#scenario;
    if (closeAt === undefined) {
      await this.#runUntil(Math.max(calmAt, actions.at(-1)?.at ?? 0) + 1);
      if (settings.isFaultless) await this.#expectLingered();
      await this.#expectDrained();
      if (this.#scenario.options.processor === 'failover') await this.#expectFailBack();
      await this.#close(1_000);
    } else {
      await this.#runUntil(closeAt);
      await this.#close(closeTimeoutMs);
    }
    await this.#expectSilence();
    return this.#outcome();
  }

  #outcome(): Outcome {
    const { accepted, delivered, retried, truncated, dropped, queued } = this.#agent.stats();
    const { duplicates, behindAfterFailure, warnings } = this.#oracle;
    const codes = ['ERR_FLUME_CONNECT', 'ERR_FLUME_CONNECTION_LOST', 'ERR_FLUME_TIMEOUT', 'ERR_FLUME_PROTOCOL'];
    const told = [
      ...codes,
      'ERR_FLUME_FAILED',
      'ERR_FLUME_STATUS',
      'ERR_FLUME_EXCEPTION',
      'FLUME_NOTICE',
      'FLUME_RECOVERED',
    ];
    return {
      accepted,
      delivered,
      duplicates,
      behindAfterFailure,
      retried,
      truncated,
      left: queued.events,
      steps: this.#steps,
      ...dropped,
      ...Object.fromEntries(told.map((code) => [code, warnings.filter((warning) => warning.code === code).length])),
    };
  }

  #act(action: Action): void {
    switch (action.does) {
      case 'put':
        for (let count = action.count; count > 0; count--) this.#put();
        return;
      case 'block':
        this.#world.log(() => `the process is blocked for ${action.durationMs.toFixed(1)} ms`);
        this.#clock.block(action.durationMs);
        return;
      case 'flush':
        void this.#flush(action.timeoutMs);
        return;
      default:
        void this.#wait('ready()', action.timeoutMs, 0, () =>
          this.#agent.ready({ timeoutMs: action.timeoutMs }).catch(() => {}),
        );
    }
  }

  /** @param isWell it is an event, and no poison */
  #put(isWell = false): void {
    const chance = this.#chance;
    if (!isWell && chance.is(0.005) && !this.#scenario.settings.isFaultless) {
      this.#oracle.invalid += 1;
      if (this.#agent.put({ headers: { wrong: 1 as unknown as string }, body: '' }))
        this.#oracle.violated('no event, yet taken');
      return;
    }
    const isPoison = !isWell && chance.is(this.#scenario.poison / 1_000);
    const length = !isPoison && chance.is(0.02) ? chance.integer(1_000, 5_000) : chance.integer(0, 200);
    const body = filler.slice(0, length);
    const headers = ['n', String(this.#oracle.fates.length)];
    if (chance.is(0.5)) headers.push('kind', chance.pick(['audit', 'größer', '']));
    const id = this.#oracle.put(headers, body, isPoison);
    const isTaken = this.#agent.put({
      headers: chance.is(0.5) ? headers : Object.fromEntries(pairs(headers)),
      body: chance.is(0.7) ? body : Buffer.from(body),
      low: chance.is(0.5),
    });
    const fate = this.#oracle.fates[id];
    if (fate !== undefined) fate.isAccepted = isTaken;
    if (isTaken && this.#isClosing) this.#oracle.violated('an event is taken after close()');
  }

  /** Waits as the application does, and judges how long. */
  async #wait<Result>(what: string, timeoutMs: number, upTo: number, begin: () => Promise<Result>): Promise<Result> {
    const wait: Wait = { what, from: this.#clock.now(), timeoutMs, upTo, over: false };
    this.#world.log(() => `${what} within ${timeoutMs} ms`);
    this.#waits.push(wait);
    this.#oracle.hurried();
    this.#settled = -1;
    const result = await begin();
    wait.over = true;
    this.#waits.splice(this.#waits.indexOf(wait), 1);
    this.#world.log(() => `${what} has ended: ${JSON.stringify(result)}`);
    return result;
  }

  #flush(timeoutMs: number): Promise<Report> {
    const upTo = this.#oracle.fates.length;
    return this.#wait('flush()', timeoutMs, upTo, async () => {
      const from = this.#clock.now();
      const longestMs = 200 + 80 * this.#oracle.open();
      const report = await this.#agent.flush({ timeoutMs });
      const isSlow = this.#clock.now() - from > longestMs && this.#scenario.settings.isFaultless;
      if (isSlow) this.#oracle.violated('flush() lingers although nothing fails');
      this.#checkReport(report, upTo, from + Math.max(1, timeoutMs));
      return report;
    });
  }

  #checkReport({ delivered, dropped, queued }: Report, upTo: number, deadline: number): void {
    const oracle = this.#oracle;
    const stats = this.#agent.stats();
    if (delivered !== oracle.acked) oracle.violated(`flush() reports ${delivered} delivered of ${oracle.acked}`);
    if (dropped !== sum(stats.dropped)) oracle.violated(`flush() reports ${dropped} dropped of ${sum(stats.dropped)}`);
    // Events that were dropped for newer ones are counted, but nobody says which.
    const open = oracle.open(upTo);
    if (queued > open || open - queued > stats.dropped.full)
      oracle.violated(`flush() reports ${queued} queued of ${open}`);
    if (queued > 0 && this.#clock.now() < deadline && !this.#isClosing) oracle.violated('flush() has ended too early');
  }

  async #close(timeoutMs: number): Promise<void> {
    const oracle = this.#oracle;
    this.#isClosing = true;
    const deadline = this.#clock.now() + Math.max(1, timeoutMs);
    oracle.mayClose = () => this.#clock.now() >= deadline || this.#agent.stats().queued.events === 0;
    let report: Report | undefined;
    void this.#wait('close()', timeoutMs, oracle.fates.length, () => this.#agent.close({ timeoutMs })).then(
      (result) => {
        report = result;
        oracle.isClosed = true;
      },
    );
    await this.#runWhile(() => report === undefined);
    const { queued } = this.#agent.stats();
    if (report?.queued !== queued.events)
      oracle.violated(`close() reports ${report?.queued} queued of ${queued.events}`);
    if (oracle.openSockets > 0) oracle.violated('close() has left a connection');
    this.#judge();
  }

  /** Without a fault, no event waits for longer than lingerMs says. */
  async #expectLingered(): Promise<void> {
    await this.#runUntil(this.#clock.now() + this.#scenario.settings.lingerMs + 5_000);
    if (this.#agent.stats().queued.events > 0) this.#oracle.violated('events wait although nothing fails');
    this.#judge();
  }

  /** In the end everything has arrived, and only what had a reason has not. */
  async #expectDrained(): Promise<void> {
    const flushed = this.#flush(drainMs);
    let isOver = false;
    void flushed.then(() => {
      isOver = true;
    });
    // Fresh events show that the agents work again, and what is poison.
    let fresh = 0;
    const putFresh = (): void => {
      if (isOver) return;
      this.#put(fresh > 60);
      fresh += 1;
      this.#clock.at(this.#clock.now() + (fresh < 60 ? 500 : 4_000), putFresh);
    };
    this.#clock.at(this.#clock.now() + 500, putFresh);
    await this.#expectInnocentsPass();
    await this.#runWhile(() => !isOver);
    const report = await flushed;
    if (report.queued > 0)
      this.#oracle.violated(`${report.queued} events are not delivered within ${drainMs} ms after all is well`);
    this.#judge();
  }

  /** What is poison holds up no other, however it behaves. */
  async #expectInnocentsPass(): Promise<void> {
    const end = this.#oracle.fates.length;
    const { requestTimeoutMs, keepsOrder, maxAgeMs } = this.#scenario.settings;
    const levels = 12 * (keepsOrder ? 4 : 1);
    const until = this.#clock.now() + levels * requestTimeoutMs + 120_000;
    const isOver = (): boolean => maxAgeMs > 0 || this.#oracle.innocent(end) <= this.#droppedForNewer();
    await this.#runWhile(() => !isOver() && this.#clock.now() < until);
    if (!isOver()) this.#oracle.violated(`${this.#oracle.innocent(end)} innocent events wait for what is poison`);
    this.#judge();
  }

  /** Once all is well, the first agent gets the events again. */
  async #expectFailBack(): Promise<void> {
    const { maxDelayMs, connectTimeoutMs, requestTimeoutMs, maxAttempts, maxAgeMs } = this.#scenario.settings;
    // Poison that is not proven yet keeps all agents failing.
    if (maxAttempts > 0 || maxAgeMs > 0 || this.#scenario.poison > 0) return;
    await this.#runUntil(this.#clock.now() + maxDelayMs + connectTimeoutMs + requestTimeoutMs + 1_000);
    for (const attempt of ['wakes it', 'finds the others at work', 'goes there']) {
      const id = this.#oracle.fates.length;
      this.#put(true);
      await this.#runUntil(this.#clock.now() + this.#scenario.settings.lingerMs + 2_000);
      const fate = this.#oracle.fates[id];
      if (attempt !== 'goes there' || fate?.isAccepted !== true) continue;
      if (fate.lastCommitBy !== this.#favourite)
        this.#oracle.violated(`no fail-back: event ${id} went to agent ${fate.lastCommitBy}`);
    }
    await this.#expectDrained();
  }

  /** The place in the list of the agent that is to be used where all work. */
  get #favourite(): number {
    return Number(this.#agent.stats().agents[0]?.name.split(':')[1]) - firstPort;
  }

  /** After close() nothing is left that could happen. */
  async #expectSilence(): Promise<void> {
    this.#expectNothingPending();
    await this.#runWhile(() => true);
    this.#expectNothingPending();
    if (this.#oracle.openSockets > 0) this.#oracle.violated('a connection was opened after close()');
    const { retried, dropped, queued } = this.#agent.stats();
    const open = this.#oracle.open();
    if (open !== queued.events + this.#droppedForNewer()) this.#oracle.violated(`${open} events are missing`);
    const resent = this.#oracle.fates.reduce((total, { sends }) => total + Math.max(0, sends - 1), 0);
    const isExact = queued.events === 0 && dropped.expired === 0 && this.#droppedForNewer() === 0;
    if (isExact ? retried !== resent : retried < resent)
      this.#oracle.violated(`${retried} retried, in truth ${resent}`);
    this.#judge();
  }

  #expectNothingPending(): void {
    const { pendingTimers } = this.#clock;
    if (pendingTimers > 0) this.#oracle.violated(`${pendingTimers} timers are left after close()`);
    if (this.#waits.length > 0) this.#oracle.violated(`${this.#waits[0]?.what} goes on after close()`);
    this.#judge();
  }

  /** Accepted events that gave way to newer ones: `full` without those that put() refused. */
  #droppedForNewer(): number {
    const { full, oversize, invalid, closed } = this.#agent.stats().dropped;
    const refused = this.#oracle.fates.filter(({ isAccepted }) => !isAccepted).length + this.#oracle.invalid;
    return full + oversize + invalid + closed - refused;
  }

  #runUntil(at: number): Promise<void> {
    let isReached = false;
    this.#clock.at(at, () => {
      isReached = true;
    });
    return this.#runWhile(() => !isReached);
  }

  /** Goes on, step by step, until there is nothing more to come. */
  async #runWhile(goesOn: () => boolean): Promise<void> {
    await this.#resolvePromises();
    while (goesOn()) {
      const step = this.#clock.step();
      if (step === undefined) return;
      this.#steps += 1;
      if (this.#steps > mostSteps) this.#oracle.violated('no end is in sight');
      if (this.#mayResolve(step)) await this.#resolvePromises();
      this.#oracle.check(this.#agent.stats());
      for (const wait of this.#waits) this.#checkWait(wait);
      if (this.#oracle.violation !== undefined) this.#judge();
    }
  }

  async #resolvePromises(): Promise<void> {
    for (let turn = 0; turn < turnsOfPromises; turn++) await Promise.resolve();
  }

  /** Promises that somebody waits for resolve at once, after a timer, or where events have left the channel. */
  #mayResolve(step: 'timer' | 'outside' | 'soon'): boolean {
    if (this.#waits.length === 0) return false;
    const { delivered, dropped } = this.#agent.stats();
    const settled = delivered + sum(dropped);
    const isReady = this.#waits.some(({ upTo }) => upTo === 0);
    if (step !== 'timer' && settled === this.#settled && !isReady) return false;
    this.#settled = settled;
    return true;
  }

  #checkWait({ what, from, timeoutMs, upTo }: Wait): void {
    const waitedMs = this.#clock.now() - from;
    if (waitedMs > Math.max(1, timeoutMs) + this.#scenario.settings.blockMs + 1) {
      this.#oracle.violated(`${what} takes longer than ${timeoutMs} ms`);
    }
    if (upTo > 0 && !this.#oracle.hasOpen(upTo)) this.#oracle.violated(`${what} goes on with nothing to wait for`);
  }

  #judge(): void {
    if (this.#oracle.violation !== undefined) throw new Error(this.#oracle.violation);
  }
}

function pairs(list: readonly string[]): [string, string][] {
  return Array.from({ length: list.length / 2 }, (_, index) => [
    list[2 * index] as string,
    list[2 * index + 1] as string,
  ]);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
