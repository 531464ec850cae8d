// An Express application that logs to Flume by winston-flume.
//
// With an agent of your own: FLUME_AGENT=localhost:4141 PORT=3000 node --import tsx examples/demo/express-app.ts

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import winston from 'winston';
import { FlumeTransport, shutdown } from 'winston-flume';
import { tell } from './supervisor.ts';

const stopTimeoutMs = 8_000;
let records = 0;
// Called for every record: the demo looks for each of these ids at the agent.
const numbered = winston.format((info) => Object.assign(info, { recordId: `express-${++records}` }));

const logger = winston.createLogger({
  format: winston.format.combine(
    numbered(),
    winston.format.timestamp(),
    winston.format.errors({ stack: true }),
    winston.format.json(),
  ),
  transports: [
    new FlumeTransport({
      agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
      headers: { app: 'express' },
      headerFields: { recordId: 'recordId', requestId: 'requestId' },
      closeTimeoutMs: stopTimeoutMs,
    }),
  ],
});

const app = express();
let requests = 0;

app.use(express.json(), (request, response, next) => {
  const log = logger.child({ requestId: `req-${++requests}` });
  const start = performance.now();
  response.locals.log = log;
  response.on('finish', () => {
    const { method, url } = request;
    const responseTime = performance.now() - start;
    log.info('request completed', { method, url, statusCode: response.statusCode, responseTime });
  });
  next();
});

app.post('/orders', (request: Request<object, unknown, { customer: string }>, response) => {
  response.locals.log.info('order placed', { customer: request.body.customer });
  response.status(201).json({ customer: request.body.customer });
});

app.get('/orders/:id', (request, response) => {
  response.locals.log.warn('no such order', { order: request.params.id });
  response.status(404).json({ error: 'no such order' });
});

app.get('/broken', () => {
  throw new Error('the database is on holiday');
});

// Express knows an error handler by its four parameters.
app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
  response.locals.log.error(error);
  response.status(500).json({ error: error.message });
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1');

/** Requests under way are answered, then what they logged is flushed. */
async function stop(): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
  const { delivered, dropped, queued } = await shutdown(logger, { timeoutMs: stopTimeoutMs });
  const evidence = `shutdown() reports ${delivered} delivered, ${dropped} dropped, ${queued} queued`;
  await tell({ kind: 'report', records, acknowledged: delivered, evidence });
  process.exit();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

await once(server, 'listening');
await tell({ kind: 'listening', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
