// Every package and subpath by import, and a record by every way to a dev agent in this process.
import assert from 'node:assert/strict';
import { startDevAgent } from 'flume-dev-agent';
import { EmbeddedAgent, FlumeClient } from 'flume-thrift-client';
import pino from 'pino';
import pinoDefault, { pinoFlume } from 'pino-flume';
import winston from 'winston';
import winstonDefault, { FlumeTransport } from 'winston-flume';
import 'winston-flume/register';
import { deliver } from './deliveries.cjs';

assert.equal(pinoDefault, pinoFlume);
assert.equal(winstonDefault, FlumeTransport);
assert.equal(winston.transports.Flume, FlumeTransport);

const agent = await startDevAgent({ port: 0 });
await deliver({ EmbeddedAgent, FlumeClient, pino, pinoFlume, winston, FlumeTransport }, agent.port, {
  arrived: () => agent.waitFor(6, { timeoutMs: 60_000 }),
});
for (const { body } of agent.events) console.log(String(body));
await agent.close();
