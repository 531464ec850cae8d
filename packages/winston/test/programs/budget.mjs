// Ends by itself after a shutdown with a time of its own, far shorter than what the transports would take.
import winston from 'winston';
import { FlumeTransport, shutdown } from 'winston-flume';
import { log } from './flume-logger.mjs';

const options = { port: Number(process.env.FLUME_PORT), closeTimeoutMs: 20_000, flushTimeoutMs: 20_000 };
const handler = new FlumeTransport(options);
const logger = winston.createLogger({
  transports: [new FlumeTransport(options), new FlumeTransport(options)],
  exceptionHandlers: [handler],
});
log(logger);
handler.log(logger.exceptions.getAllInfo(new Error('boom')));
await shutdown(logger, { timeoutMs: 1_000 });
logger.exceptions.unhandle();
