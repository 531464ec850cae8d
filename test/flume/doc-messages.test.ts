// What docs/troubleshooting.md quotes of an agent's log is what Flume 1.11 writes there.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, it } from 'node:test';
import { FlumeClient } from 'flume-thrift-client';
import { readPage } from '../docs/page.ts';
import { type FlumeAgent, type FlumeAgentOptions, startFlumeAgent } from './flume-agent.ts';

const quotes = (
  readPage('docs/troubleshooting.md').tables.find(({ header }) => header[0] === 'in the log of the agent')?.rows ?? []
)
  .flatMap((row) => row)
  .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));

const assertQuoted = (text: string): void => assert.ok(quotes.includes(text), `the page does not quote: ${text}`);

async function logs(agent: FlumeAgent, text: string): Promise<void> {
  assertQuoted(text);
  const deadline = Date.now() + 20_000;
  while (!agent.log().includes(text)) {
    assert.ok(Date.now() < deadline, agent.log());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function send(options: FlumeAgentOptions, protocol: 'compact' | 'binary', text: string): Promise<void> {
  await using agent = await startFlumeAgent({ sink: { type: 'null' }, ...options });
  const client = new FlumeClient({ host: agent.host, port: agent.port, protocol });
  const events = Array.from({ length: 101 }, () => ({ body: 'an event' }));
  await assert.rejects(client.appendBatch(events));
  await client.close();
  await logs(agent, text);
}

describe('the messages of an agent', () => {
  it('a batch above transactionCapacity', () =>
    send({}, 'compact', 'Thrift source %s could not append events to the channel'));

  it('the client speaks binary, the source compact', () =>
    send({}, 'binary', 'Expected protocol id ffffff82 but got ffffff80'));

  it('the client speaks compact, the source binary', () =>
    send({ protocol: 'binary' }, 'compact', 'Bad version in readMessageBegin'));

  it('a port that is taken', async () => {
    assertQuoted('Address already in use');
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    // The harness knows it by Flume's own words.
    await assert.rejects(startFlumeAgent({ port }), { name: 'PortTakenError' });
    other.close();
  });
});
