// What the programs share: a logger whose transport delivers to the port in the environment.
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';

export const transport = new FlumeTransport({
  port: Number(process.env.FLUME_PORT) || undefined,
  closeTimeoutMs: Number(process.env.CLOSE_TIMEOUT_MS ?? 5000),
  flushTimeoutMs: Number(process.env.CLOSE_TIMEOUT_MS ?? 5000),
  channel: process.env.SPOOL_DIR ? { type: 'spillable', dir: process.env.SPOOL_DIR, minFreeBytes: 0 } : undefined,
});

export const createLogger = (options) => winston.createLogger({ transports: transport, ...options });

export function log(logger, count = 1_000) {
  for (let n = 0; n < count; n++) logger.info('hello', { n });
  sayWhen();
}

/** From now on the test counts the time. */
export function sayWhen() {
  process.stdout.write(`${Date.now()}\n`);
}
