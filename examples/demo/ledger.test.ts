import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedEvent } from 'flume-dev-agent';
import { balance } from './ledger.ts';

const events = (...ids: string[]): ReceivedEvent[] =>
  ids.map((recordId) => ({ headers: { recordId }, body: Buffer.from('') }));

test('all that was logged arrived', () => {
  const logged = new Map([
    ['fastify', 2],
    ['express', 1],
  ]);
  assert.deepEqual(balance(logged, events('express-1', 'fastify-2', 'fastify-1')), {
    sent: 3,
    received: 3,
    duplicates: 0,
    strangers: 0,
    missing: new Map(),
  });
});

test('neither duplicates nor strangers hide a loss', () => {
  const logged = new Map([
    ['fastify', 3],
    ['express', 1],
  ]);
  const arrived = [
    ...events('fastify-1', 'fastify-1', 'express-1', 'fastify-4'),
    { headers: {}, body: Buffer.from('') },
  ];
  assert.deepEqual(balance(logged, arrived), {
    sent: 4,
    received: 2,
    duplicates: 1,
    strangers: 2,
    missing: new Map([['fastify', ['fastify-2', 'fastify-3']]]),
  });
});
