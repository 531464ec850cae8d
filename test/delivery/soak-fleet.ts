// The agents of the soak, each in a process of its own: faults on request, restarts by itself, and what all of them stored.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { StepName } from '../../packages/dev-agent/src/index.ts';
import type { Chance } from './chance.ts';
import type { SoakOrder } from './soak-agent.ts';

const program = path.join(import.meta.dirname, 'soak-agent.ts');

const steps: readonly StepName[] = [
  'failed',
  'error',
  'unknown',
  'exception',
  'stall',
  'stall-after-commit',
  'reset',
  'reset-after-commit',
  'close-after-commit',
  'half-frame',
  'duplicate',
  'wrong-seqid',
  'garbage',
];

export class SoakFleet {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'soak-'));
  readonly #agents: SoakAgent[] = [];

  async start(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const agent = new SoakAgent(path.join(this.#folder, `agent-${index}`));
      await agent.start();
      this.#agents.push(agent);
    }
  }

  get ports(): number[] {
    return this.#agents.map(({ port }) => port);
  }

  /** Something goes wrong with one of them. @returns what */
  fault(chance: Chance): string {
    const agent = chance.pick(this.#agents);
    const what = chance.integer(0, 9);
    if (what <= 1) {
      void agent.restart(chance.integer(0, 1_000));
      return 'kill';
    }
    if (what <= 3) {
      agent.tell({ order: 'drop connections' });
      return 'drop connections';
    }
    const step = chance.pick(steps);
    agent.tell({ order: 'misbehave', step, ms: chance.integer(1, 800) });
    return step;
  }

  /** Hands over the numbers of the events that were stored since the last time. */
  read(onNumber: (number: number) => void): void {
    for (const agent of this.#agents) agent.read(onNumber);
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.close()));
    rmSync(this.#folder, { recursive: true });
  }
}

class SoakAgent {
  port = 0;
  readonly #file: string;
  readonly #input: number;
  readonly #bytes = Buffer.alloc(1 << 16);
  #position = 0;
  #child: ChildProcess | undefined;
  #closed = false;

  constructor(file: string) {
    this.#file = file;
    this.#input = openSync(file, 'a+');
  }

  async start(): Promise<void> {
    const child = fork(program, [String(this.port), this.#file], { execArgv: ['--import', 'tsx'] });
    this.#child = child;
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [0])]);
    if (typeof message === 'number' && message > 0) this.port = message;
  }

  async restart(afterMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    await once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    if (!this.#closed) await this.start();
  }

  tell(order: SoakOrder): void {
    // One that is being restarted misbehaves enough.
    if (this.#child?.connected === true) this.#child.send(order);
  }

  read(onNumber: (number: number) => void): void {
    for (;;) {
      const length = readSync(this.#input, this.#bytes, 0, this.#bytes.length, this.#position);
      const whole = length - (length % 4);
      for (let at = 0; at < whole; at += 4) onNumber(this.#bytes.readUInt32LE(at));
      this.#position += whole;
      if (whole < this.#bytes.length) return;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child !== undefined) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    closeSync(this.#input);
  }
}
