// Fastify, whose logger is pino: pino-flume delivers from pino's worker thread.

import Fastify from 'fastify';
import type { Logger } from 'pino';
import { installShutdown, type PinoFlumeOptions } from 'pino-flume';

const app = Fastify({
  logger: {
    transport: {
      target: 'pino-flume',
      options: {
        agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
        headers: { app: 'shop' },
        headerFields: { requestId: 'reqId' },
      } satisfies PinoFlumeOptions,
    },
  },
});

app.get<{ Params: { id: string } }>('/orders/:id', async (request) => {
  request.log.info({ order: request.params.id }, 'order looked up');
  return { order: request.params.id };
});

// On SIGTERM and SIGINT: requests under way are answered, and what they logged is flushed.
installShutdown(async () => {
  await app.close();
  await new Promise<unknown>((resolve) => (app.log as Logger).flush(resolve));
});

// Fastify logs where it listens.
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 3000) });
