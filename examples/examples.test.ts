// Every example as its user runs it: the requests that it answers are found at the agent.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DevAgent, startDevAgent } from 'flume-dev-agent';
import { Application, applications } from './application.ts';

type Seen = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** What is to arrive, in words of the example. */
const expected: Readonly<Record<string, (events: readonly Seen[]) => void>> = {
  'express-morgan': (events) => {
    const access = events.filter(({ headers }) => headers['kind'] === 'access');
    assert.equal(access.length, 2);
    assert.match(access[0]?.body ?? '', /GET \/orders\/17 HTTP\/1\.1/);
    assert.equal(events.filter(({ headers }) => headers['kind'] === 'app').length, 2);
  },
  fastify: (events) => {
    const lookedUp = events.filter(({ body }) => body.includes('order looked up'));
    assert.deepEqual(
      lookedUp.map(({ headers }) => headers['requestId']),
      ['req-1', 'req-2'],
    );
    assert.equal(events.filter(({ body }) => body.includes('request completed')).length, 2);
  },
  'nest-winston': (events) => {
    const lookedUp = events.filter(({ headers }) => headers['logger'] === 'OrdersController');
    assert.equal(lookedUp.length, 2);
    assert.match(lookedUp[1]?.body ?? '', /order 18 looked up/);
    assert.ok(events.some(({ headers }) => headers['logger'] === 'RouterExplorer'));
  },
  'nest-pino': (events) => {
    const lookedUp = events.filter(({ headers }) => headers['logger'] === 'OrdersController');
    assert.deepEqual(
      lookedUp.map(({ headers }) => headers['requestId']),
      ['1', '2'],
    );
    assert.equal(events.filter(({ body }) => body.includes('request completed')).length, 2);
  },
  'pino-pretty': (events) => {
    assert.deepEqual(
      events.map(({ headers }) => headers['level']),
      ['info', 'debug', 'warn', 'info'],
    );
  },
  'async-context': (events) => {
    const lookedUp = events.filter(({ body }) => body.includes('order looked up'));
    assert.deepEqual(
      lookedUp.map(({ headers }) => `${headers['requestId']} ${headers['tenant']}`),
      ['r-17 acme', 'r-18 acme'],
    );
  },
};

describe('examples', () => {
  it('are all here', () => {
    assert.deepEqual([...applications].sort(), Object.keys(expected).sort());
  });

  for (const [name, check] of Object.entries(expected)) {
    it(name, async (t) => {
      await using agent = await startDevAgent({ port: 0 });
      const application = new Application(name, agent, 'ignore');
      t.after(() => application.kill());
      if (application.isServer) {
        await application.request('/orders/17', { 'x-request-id': 'r-17', 'x-tenant': 'acme' });
        await application.request('/orders/18', { 'x-request-id': 'r-18', 'x-tenant': 'acme' });
      }
      assert.equal(await application.end(), 0);
      check(seen(agent));
    });
  }
});

function seen(agent: DevAgent): Seen[] {
  return agent.events.map(({ headers, body }) => ({ headers, body: body.toString() }));
}
