// pino with two targets: pretty lines on the terminal for people, and everything from debug on to Flume.

import pino from 'pino';
import type { PinoFlumeOptions } from 'pino-flume';

const flume: PinoFlumeOptions = {
  agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
  headers: { app: 'report' },
};

const logger = pino({
  level: 'debug',
  transport: {
    targets: [
      { target: 'pino-pretty', level: 'info', options: { ignore: 'pid,hostname', colorize: process.stdout.isTTY } },
      { target: 'pino-flume', level: 'debug', options: flume },
    ],
  },
});

logger.info({ rows: 1_204 }, 'report begins');
logger.debug({ query: 'select * from orders' }, 'only Flume has this one');
logger.warn('a supplier has no address');
logger.info('report done');
// The process ends by itself now, and what is queued is delivered before it does.
