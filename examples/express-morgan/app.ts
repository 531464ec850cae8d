// Express with morgan: the access log and the application's own records go to Flume by winston-flume.

import type { AddressInfo } from 'node:net';
import express from 'express';
import morgan from 'morgan';
import winston from 'winston';
import { FlumeTransport, installShutdown, shutdown } from 'winston-flume';

const logger = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [
    new FlumeTransport({
      agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
      headers: { app: 'shop' },
      headerFields: { kind: 'kind' },
    }),
  ],
});

const app = express();

// morgan ends its line with a newline.
app.use(morgan('combined', { stream: { write: (line) => logger.info(line.trimEnd(), { kind: 'access' }) } }));

app.get('/orders/:id', (request, response) => {
  logger.info('order looked up', { kind: 'app', order: request.params.id });
  response.json({ order: request.params.id });
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  logger.info(`listening on http://127.0.0.1:${port}`);
});

// On SIGTERM and SIGINT: no new requests, those under way are answered, what they logged is delivered.
installShutdown(async () => {
  await new Promise((resolve) => server.close(resolve));
  await shutdown(logger, { timeoutMs: 8_000 });
});
