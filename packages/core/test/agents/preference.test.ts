// Rendezvous hashing: every client has an order of its own, all agents get their share in it, and the rest keeps its place
// where the list changes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextIdentity, preferred } from '../../src/agents/preference.ts';
import type { Endpoint } from '../../src/endpoint.ts';

const endpoints = Array.from({ length: 8 }, (_, index): Endpoint => {
  const host = `flume-${index + 1}`;
  return { tag: 'tcp', host, port: 4141, name: `${host}:4141`, tls: undefined };
});
const clients = Array.from({ length: 8_000 }, (_, index) => `host/${index}/0/1`);
const order = (among: readonly Endpoint[], client: string): string[] =>
  preferred(among, client).map(({ name }) => name);

describe('the order in which a client prefers the agents', () => {
  it('gives every agent its share of the first places, and of the second after each first', () => {
    const firsts = new Map<string, number>();
    const seconds = new Map<string, number>();
    for (const client of clients) {
      const [first = '', second = ''] = order(endpoints, client);
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
      seconds.set(first + second, (seconds.get(first + second) ?? 0) + 1);
    }
    assert.equal(firsts.size, 8);
    assert.equal(seconds.size, 56);
    for (const count of firsts.values()) assert.ok(Math.abs(count - 1_000) < 120, String(count));
    for (const count of seconds.values()) assert.ok(Math.abs(count - 143) < 60, String(count));
  });

  it('stays as it is for the others when an agent is not in the list any more', () => {
    for (const client of clients.slice(0, 100)) {
      const without = order(endpoints.slice(1), client);
      assert.deepEqual(
        order(endpoints, client).filter((name) => name !== endpoints[0]?.name),
        without,
      );
    }
  });

  it('is the same again, wherever the agents stand in the list', () => {
    for (const client of clients.slice(0, 100)) {
      assert.deepEqual(order(endpoints, client), order(endpoints.toReversed(), client));
    }
  });

  it('is of each embedded agent', () => {
    assert.notEqual(nextIdentity(), nextIdentity());
  });
});
