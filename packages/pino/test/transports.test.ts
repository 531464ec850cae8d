// The ways to an agent: TLS, a Unix domain socket, other protocols. The options cross into a worker thread.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type DevAgentOptions, startDevAgent } from 'flume-dev-agent';
import { authority, certificate } from '../../core/test/certificates.ts';
import type { PinoFlumeOptions } from '../src/index.ts';
import { type Logs, logs } from './child.ts';

const ca = await authority('Test authority');
const server = await certificate('agent', { by: ca, names: ['127.0.0.1'] });

/** Logs five records, and returns the messages that arrive. */
async function messages(way: Logs['way'], options: PinoFlumeOptions, agentOptions: DevAgentOptions): Promise<string[]> {
  await using agent = await startDevAgent(agentOptions);
  const where = agentOptions.path === undefined ? { agents: `127.0.0.1:${agent.port}` } : { path: agentOptions.path };
  const { code, stderr } = await logs({
    pino: 'pino',
    way,
    count: 5,
    text: 'hällo',
    end: 'by itself',
    options: { ...where, maxInFlight: 1, ...options },
  });
  assert.deepEqual([code, stderr], [0, '']);
  return agent.events.map(({ body }) => {
    const { n, msg } = JSON.parse(String(body)) as { n: number; msg: string };
    return `${n} ${msg}`;
  });
}

const sent = ['0 hällo', '1 hällo', '2 hällo', '3 hällo', '4 hällo'];

for (const way of ['worker', 'in process'] as const) {
  test(`${way}: TLS, with the authority as PEM text`, async () => {
    assert.deepEqual(await messages(way, { tls: { ca: ca.cert } }, { port: 0, tls: server }), sent);
  });

  test(`${way}: a Unix domain socket`, async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'pino-flume-'));
    try {
      assert.deepEqual(await messages(way, {}, { path: path.join(directory, 'agent.sock') }), sent);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
}

for (const wire of [{ protocol: 'binary' }, { protocol: 'json', framed: false }] as const) {
  test(`worker: ${JSON.stringify(wire)}`, async () => {
    assert.deepEqual(await messages('worker', wire, { port: 0, ...wire }), sent);
  });
}

test('worker: an agent that is not trusted is told in a warning that says what to do', async () => {
  await using agent = await startDevAgent({ port: 0, tls: server });
  const { stdout } = await logs({
    pino: 'pino',
    way: 'worker',
    count: 1,
    end: 'stay until warned',
    options: { agents: `127.0.0.1:${agent.port}`, tls: true, closeTimeoutMs: 100 },
  });
  assert.match(stdout, /give the authority that signed it as tls\.ca/);
  assert.equal(agent.received, 0);
});
