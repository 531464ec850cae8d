import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import winston from 'winston';

const require = createRequire(import.meta.url);

it('winston.transports.Flume is there after import or require of winston-flume/register, and not before', async () => {
  const { transports } = winston as { transports: { Flume?: unknown } };
  const esm = await import('winston-flume');
  assert.equal(transports.Flume, undefined);
  await import('winston-flume/register');
  assert.equal(transports.Flume, esm.FlumeTransport);
  require('winston-flume/register');
  const cjs = require('winston-flume');
  assert.equal(transports.Flume, cjs.FlumeTransport);
  assert.equal(cjs.default, cjs.FlumeTransport);
  assert.equal(esm.default, esm.FlumeTransport);
});
