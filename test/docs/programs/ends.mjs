// Logs some records and ends in the way that it is told: [path, ending, options, count].
import pino from 'pino';
import { installShutdown, pinoFlume } from 'pino-flume';
import winston from 'winston';
import { FlumeTransport, shutdown } from 'winston-flume';

const [path, ending, options, count] = JSON.parse(process.argv[2]);

/** A logger, how it is flushed, and how it is closed. */
const open = {
  winston() {
    const transport = new FlumeTransport(options);
    const logger = winston.createLogger({ transports: [transport] });
    return { logger, flush: () => transport.flush(), close: () => shutdown(logger) };
  },
  'pino in process'() {
    const stream = pinoFlume(options);
    return { logger: pino(stream), flush: () => stream.flush(), close: () => stream.flush() };
  },
  'pino worker'() {
    const logger = pino({ transport: { target: 'pino-flume', options } });
    const flush = () => new Promise((resolve) => logger.flush(resolve));
    return { logger, flush, close: flush };
  },
};

const { logger, flush, close } = open[path]();
for (let n = 0; n < count; n += 1) logger.info(`record ${n}`);

const ends = {
  natural() {},
  exit: () => process.exit(),
  exception() {
    throw new Error('uncaught');
  },
  shutdown() {
    installShutdown(close);
    process.kill(process.pid, 'SIGTERM');
  },
  // No agent is there, so this waits flushTimeoutMs: by then a worker has taken what was logged.
  async SIGTERM() {
    await flush();
    process.kill(process.pid, 'SIGTERM');
  },
  async SIGKILL() {
    await flush();
    process.kill(process.pid, 'SIGKILL');
  },
};
await ends[ending]();
