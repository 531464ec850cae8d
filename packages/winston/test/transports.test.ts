// The ways to an agent: TLS, a Unix domain socket, other protocols.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { authority, certificate } from '../../core/test/certificates.ts';
import { eventOf, fields } from './flume-logger.ts';

const ca = await authority('Test authority');
const server = await certificate('agent', { by: ca, names: ['127.0.0.1'] });

describe('transports', () => {
  it('TLS, with the authority as PEM text', async () => {
    const event = await eventOf({ transport: { tls: { ca: ca.cert } }, source: { tls: server } }, ({ logger }) =>
      logger.info('hällo'),
    );
    assert.equal(fields(event).message, 'hällo');
  });

  it('a Unix domain socket', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'winston-flume-'));
    try {
      const where = { port: undefined, path: path.join(directory, 'agent.sock') };
      const event = await eventOf({ transport: where, source: where }, ({ logger }) => logger.info('hällo'));
      assert.equal(fields(event).message, 'hällo');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  for (const wire of [
    { protocol: 'binary' },
    { protocol: 'json' },
    { protocol: 'compact', framed: false },
    { protocol: 'json', framed: false },
  ] as const) {
    it(JSON.stringify(wire), async () => {
      const event = await eventOf({ transport: wire, source: wire }, ({ logger }) => logger.info('hällo'));
      assert.equal(fields(event).message, 'hällo');
    });
  }
});
