// An application with a file channel and a real agent with one of its own, killed in turns: every event comes out.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Arrivals } from './arrivals.ts';
import { startFlumeAgent } from './flume-agent.ts';

const program = path.join(import.meta.dirname, 'programs/spool.mjs');
const turns = 3;

test('application and agent killed in turns: every event that a file channel took comes out', async (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'flume-spool-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const arrivals = new Arrivals();
  await arrivals.listen();
  t.after(() => arrivals.close());
  const sink = { type: 'thrift', host: '127.0.0.1', port: arrivals.port, batchSize: 100 } as const;
  await using agent = await startFlumeAgent({ channel: 'file', sink });

  let application = new Application(dir, agent.port, 0);
  t.after(() => application.kill());
  for (let turn = 0; turn < turns; turn++) {
    const before = arrivals.count;
    await until(() => arrivals.count > before + 200);
    await application.kill();
    // What it put after it last said so is put again, under the same numbers.
    application = new Application(dir, agent.port, application.count);
    await until(() => application.isRunning);
    await delay(100 * turn);
    await agent.kill();
    const down = application.count;
    await until(() => application.count > down + 400);
    await agent.restart();
  }
  await application.end();
  await arrivals.all(application.count, 60_000);
  assert.deepEqual(readdirSync(dir), [], 'left behind');
  t.diagnostic(`${application.count} events, ${arrivals.duplicates} duplicates`);
});

/** The program that puts events, in a process of its own. */
class Application {
  /** How many events there are, those of the processes before included. */
  count: number;
  readonly #from: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(dir: string, port: number, from: number) {
    this.count = from;
    this.#from = from;
    this.#child = spawn(process.execPath, [program, dir, String(port), String(from)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#exit = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // A kill cuts no line in two: each is one write.
      this.count = Number(text.trimEnd().split('\n').at(-1));
    });
  }

  get isRunning(): boolean {
    return this.count > this.#from;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }

  /** Lets it deliver all that is left. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    assert.deepEqual(await this.#exit, [0, null]);
  }
}

async function until(check: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!check()) {
    assert.ok(performance.now() < deadline, `still not so: ${String(check)}`);
    await delay(10);
  }
}
