// AsyncLocalStorage: what is known of a request becomes headers of every event that is logged while it is served, also deep
// in code that knows nothing of requests.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { installShutdown, type PinoFlumeOptions } from 'pino-flume';

const context = new AsyncLocalStorage<{ requestId: string; tenant: string }>();

const logger = pino({
  // Called on the application's thread for each record: in the worker there is no such context.
  mixin: () => ({ context: context.getStore() }),
  transport: {
    target: 'pino-flume',
    options: {
      agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
      headers: { app: 'shop' },
      context: { path: 'context', include: ['requestId', 'tenant'] },
    } satisfies PinoFlumeOptions,
  },
});

async function lookUp(order: string): Promise<{ order: string }> {
  await pause(1);
  logger.info({ order }, 'order looked up');
  return { order };
}

const server = createServer((request, response) => {
  const requestId = String(request.headers['x-request-id'] ?? randomUUID());
  const tenant = String(request.headers['x-tenant'] ?? 'unknown');
  void context.run({ requestId, tenant }, async () => {
    const found = await lookUp(String(request.url).slice('/orders/'.length));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(found));
  });
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  logger.info(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

installShutdown(async () => {
  await new Promise((resolve) => server.close(resolve));
  await new Promise<unknown>((resolve) => logger.flush(resolve));
});
