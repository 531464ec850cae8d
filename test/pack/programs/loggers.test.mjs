// A user's test in Vitest. An agent listens at FLUME_PORT.
import { startDevAgent } from 'flume-dev-agent';
import { EmbeddedAgent, FlumeClient } from 'flume-thrift-client';
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import { expect, test } from 'vitest';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import 'winston-flume/register';
import { deliver } from './deliveries.cjs';

const packages = { EmbeddedAgent, FlumeClient, pino, pinoFlume, winston, FlumeTransport };

test('every package', () => deliver(packages, process.env.FLUME_PORT), 30_000);

test('the dev agent', async () => {
  const agent = await startDevAgent({ port: 0 });
  await deliver(packages, agent.port, { names: ['client'] });
  expect(String(agent.events[0].body)).toBe('client');
  await agent.close();
}, 30_000);
