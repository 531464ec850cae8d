// Applications that log with winston and with pino, pino-flume's command and flume-send, to a real agent with kerberos = true.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FlumeAgent } from '../flume/flume-agent.ts';
import { agentPrincipal, startKerberosAgent } from './kerberos-agent.ts';
import { type Realm, startRealm } from './realm.ts';
import { requireInstalled } from './requirements.ts';

requireInstalled();

const ticketSeconds = 20;
const require = createRequire(import.meta.url);
let realm: Realm;
let agent: FlumeAgent;
let keytab: string;

before(async () => {
  realm = await startRealm();
  const agentKeytab = realm.addPrincipal(agentPrincipal);
  keytab = realm.addPrincipal('client', { maxLifeSeconds: ticketSeconds });
  agent = await startKerberosAgent(realm, agentKeytab, { channel: 'file', transactionCapacity: 2_000 });
});

after(async () => {
  await agent?.stop();
  await realm?.stop();
});

/** A program that logs as many records as it is told, and ends when it is told no more. */
class Program {
  readonly #child: ChildProcess;
  #output = '';

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, [file, ...args], {
      // Where the package kerberos is.
      cwd: import.meta.dirname,
      env: { ...process.env, KRB5_CONFIG: realm.config, KRB5CCNAME: path.join(realm.directory, 'none') },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** @returns what it printed */
  async end(): Promise<string> {
    const close = once(this.#child, 'close');
    this.#child.stdin?.end();
    const [code] = (await close) as [number | null];
    assert.equal(code, 0, this.#output);
    return this.#output;
  }
}

const options = (more: object = {}) =>
  JSON.stringify({
    agents: { host: 'localhost', port: agent.port },
    kerberos: { principal: 'client', keytab },
    retry: { maxDelayMs: 1_000 },
    closeTimeoutMs: 9_000,
    flushTimeoutMs: 9_000,
    ...more,
  });

const program = (name: string) => path.join(import.meta.dirname, 'programs', name);
const command = (packageName: string, file: string) =>
  path.join(path.dirname(require.resolve(`${packageName}/package.json`)), 'dist', file);

/** The numbers of one logger's records that the agent has written. */
function written(logger: string): Set<number> {
  const text = agent.delivered().toString();
  return new Set(Array.from(text.matchAll(new RegExp(`\\b${logger} (\\d+)`, 'g')), ([, number]) => Number(number)));
}

async function allWritten(logger: string, count: number): Promise<void> {
  await agent.metricsWhen(() => written(logger).size === count, 60_000);
  assert.equal(Math.max(...written(logger)), count - 1);
}

test(`winston and pino: 10,000 records each, through a restart of the agent, with tickets of ${ticketSeconds} s`, async () => {
  const winston = new Program(program('winston.mjs'), [options()]);
  const worker = new Program(program('pino.mjs'), [options()]);
  const began = performance.now();
  for (const each of [winston, worker]) each.write('5000\n');
  await allWritten('winston', 5_000);
  await allWritten('pino', 5_000);

  // Until the tickets of the first connection are over.
  await delay(Math.max(0, began + (ticketSeconds + 2) * 1_000 - performance.now()));
  await agent.kill();
  for (const each of [winston, worker]) each.write('4000\n');
  await agent.restart();
  for (const each of [winston, worker]) each.write('1000\n');
  await allWritten('winston', 10_000);
  await allWritten('pino', 10_000);
  assert.match(await winston.end(), /"dropped":0,"queued":0/);
  assert.match(await worker.end(), /ended/);
});

test('pino in process', async () => {
  const child = new Program(program('pino.mjs'), [options({ inProcess: true })]);
  child.write('1000\n');
  await child.end();
  await allWritten('inline', 1_000);
});

test('a process that ends by process.exit() delivers what it logged', async () => {
  const child = new Program(program('exit.mjs'), [options()]);
  await child.end();
  await allWritten('exit', 50);
});

test('pino-flume, the command', async () => {
  const flags = ['--agent', `localhost:${agent.port}`, '--kerberos-keytab', keytab, '--kerberos-principal', 'client'];
  const child = new Program(command('pino-flume', 'cli.cjs'), flags);
  for (let n = 0; n < 100; n += 1) child.write(`{"level":30,"msg":"command ${n}"}\n`);
  await child.end();
  await allWritten('command', 100);
});

test('flume-send', async () => {
  const flags = ['--agent', `localhost:${agent.port}`, '--kerberos-keytab', keytab];
  const child = new Program(command('flume-tools', 'flume-send.cjs'), flags);
  for (let n = 0; n < 100; n += 1) child.write(`send ${n}\n`);
  await child.end();
  await allWritten('send', 100);
});
