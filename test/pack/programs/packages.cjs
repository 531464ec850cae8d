// Every package and subpath by require(), and a record by every way to a dev agent in this process.
const assert = require('node:assert/strict');
const { startDevAgent } = require('flume-dev-agent');
const { EmbeddedAgent, FlumeClient } = require('flume-thrift-client');
const pino = require('pino');
const pinoFlume = require('pino-flume');
const winston = require('winston');
const winstonFlume = require('winston-flume');
require('winston-flume/register');
const { deliver } = require('./deliveries.cjs');

assert.equal(pinoFlume.default, pinoFlume.pinoFlume);
assert.equal(winstonFlume.default, winstonFlume.FlumeTransport);
assert.equal(winston.transports.Flume, winstonFlume.FlumeTransport);

async function main() {
  const agent = await startDevAgent({ port: 0 });
  await deliver({ EmbeddedAgent, FlumeClient, pino, ...pinoFlume, winston, ...winstonFlume }, agent.port, {
    arrived: () => agent.waitFor(6, { timeoutMs: 60_000 }),
  });
  for (const { body } of agent.events) console.log(String(body));
  await agent.close();
}

void main();
