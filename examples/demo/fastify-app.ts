// A Fastify application that logs to Flume by pino-flume, in pino's worker thread.
//
// With an agent of your own: FLUME_AGENT=localhost:4141 PORT=3000 node --import tsx examples/demo/fastify-app.ts

import Fastify from 'fastify';
import type { Logger } from 'pino';
import type { PinoFlumeOptions } from 'pino-flume';
import { tell } from './supervisor.ts';

const flushTimeoutMs = 8_000;
let records = 0;

const app = Fastify({
  logger: {
    // Called for every record: the demo looks for each of these ids at the agent.
    mixin: () => ({ recordId: `fastify-${++records}` }),
    // Without pid and hostname; every event has the header `host` anyway.
    base: null,
    transport: {
      target: 'pino-flume',
      options: {
        agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
        headers: { app: 'fastify' },
        headerFields: { recordId: 'recordId', requestId: 'reqId' },
        flushTimeoutMs,
        // By then stop() has flushed.
        closeTimeoutMs: 1_000,
      } satisfies PinoFlumeOptions,
    },
  },
});

app.post<{ Body: { customer: string } }>('/orders', async (request, reply) => {
  request.log.info({ customer: request.body.customer }, 'order placed');
  return reply.code(201).send({ customer: request.body.customer });
});

app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
  request.log.warn({ order: request.params.id }, 'no such order');
  return reply.code(404).send({ error: 'no such order' });
});

// Fastify logs what a handler throws.
app.get('/broken', async () => {
  throw new Error('the database is on holiday');
});

/** Requests under way are answered, then what they logged is flushed. */
async function stop(): Promise<void> {
  await app.close();
  const start = performance.now();
  await new Promise<unknown>((resolve) => (app.log as Logger).flush(resolve));
  const ms = Math.ceil(performance.now() - start);
  // The worker keeps its counters to itself, but a flush that ends before its time ends because Flume has everything.
  const inTime = ms < flushTimeoutMs;
  const evidence = `logger.flush() called back ${inTime ? '' : 'only '}after ${ms} ms`;
  await tell({ kind: 'report', records, acknowledged: inTime ? records : 0, evidence });
  process.exit();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

const url = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) });
await tell({ kind: 'listening', url });
