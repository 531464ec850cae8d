// Writers with a file channel on one folder, killed with SIGKILL at random moments; in the end everything that any of them
// had accepted must have arrived, nothing must be left behind, and nobody's folder have been adopted while he lived.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedAgent } from '../../packages/core/src/index.ts';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { balance } from './balance.ts';

export interface KillOptions {
  readonly cycles: number;
  /** Writers at a time. */
  readonly writers: number;
  readonly protocol: 'compact' | 'binary';
}

export interface KillOutcome {
  readonly accepted: number;
  readonly arrived: number;
  readonly duplicates: number;
  readonly recovered: number;
}

const program = path.join(import.meta.dirname, 'programs/spool-writer.mjs');
// An agent's answers to 4 batches of 100 may be lost in every kill.
const duplicatesPerKill = 400;

export async function killCycles({ cycles, writers, protocol }: KillOptions): Promise<KillOutcome> {
  const dir = mkdtempSync(path.join(tmpdir(), 'flume-kill-'));
  const source = await startDevAgent({ port: 0, protocol, keepEvents: Infinity, latencyMs: 5 });
  const accepted = new Map<string, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < cycles) {
      const name = `w${next++}`;
      accepted.set(name, await runAndKill([dir, String(source.port), protocol, name]));
    }
  };
  await Promise.all(Array.from({ length: writers }, worker));
  const recovered = await drain(dir, source, protocol);

  const left = readdirSync(dir);
  await source.close();
  rmSync(dir, { recursive: true });
  assert.deepEqual(left, [], 'left behind');

  const arrived = new Set<string>();
  for (const { headers, body } of source.events) {
    const id = String(headers.id);
    const number = Number(id.split(':')[1]);
    assert.equal(String(body), `${id} ${'x'.repeat((number * 37) % 500)}`, 'an event is wrong');
    arrived.add(id);
  }
  let total = 0;
  for (const [name, count] of accepted) {
    total += count;
    for (let number = 0; number < count; number++)
      assert.ok(arrived.has(`${name}:${number}`), `${name}:${number} is lost`);
  }
  const duplicates = source.events.length - arrived.size;
  assert.ok(duplicates <= cycles * duplicatesPerKill, `${duplicates} duplicates`);
  return { accepted: total, arrived: arrived.size, duplicates, recovered };
}

/** @returns how many events it had accepted when it was killed */
async function runAndKill(args: string[]): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let accepted = 0;
  let complaints = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    // A kill cuts no line in two: each is one write.
    accepted = Number(text.trimEnd().split('\n').at(-1));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const exit = once(child, 'close');
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exit]);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
  child.kill('SIGKILL');
  await exit;
  assert.equal(complaints, '');
  return accepted;
}

async function drain(dir: string, source: DevAgent, protocol: 'compact' | 'binary'): Promise<number> {
  const agent = new EmbeddedAgent({ port: source.port as number, protocol, channel: { type: 'file', dir } });
  agent.on('warning', () => {});
  for (let quiet = 0; quiet < 5; ) {
    await agent.flush({ timeoutMs: 60_000 });
    balance(agent.stats());
    await new Promise((resolve) => setTimeout(resolve, 50));
    quiet = agent.stats().queued.events === 0 ? quiet + 1 : 0;
  }
  await agent.close();
  const { recovered, dropped } = agent.stats();
  assert.deepEqual(
    Object.entries(dropped).filter(([, count]) => count > 0),
    [],
  );
  return recovered;
}
