// Leaves events in a spool, since nobody listens, and lets a second embedded agent deliver them. Settings come as JSON.

import { startDevAgent } from 'flume-dev-agent';
import { EmbeddedAgent } from 'flume-thrift-client';

const { count, channel, deadLetter } = JSON.parse(process.argv[2]);
const warnings = [];
const open = (agents) => {
  const agent = new EmbeddedAgent({ agents, channel, deadLetter });
  agent.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`));
  return agent;
};

const first = open('127.0.0.1:1');
for (let number = 0; number < count; number++) first.put({ body: `${number}` });
const { spooled } = await first.close({ timeoutMs: 50 });

const source = await startDevAgent({ port: 0, keepEvents: Infinity });
const next = open(`127.0.0.1:${source.port}`);
await source.waitFor(count, { timeoutMs: 30_000 });
await next.close();
await source.close();
const arrived = new Set(source.events.map(({ body }) => String(body))).size;
process.stdout.write(JSON.stringify({ platform: process.platform, spooled, arrived, warnings }));
