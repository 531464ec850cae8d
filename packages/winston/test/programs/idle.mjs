// Has logged once, and has nothing to do.
import { createLogger, log, sayWhen, transport } from './flume-logger.mjs';

if (process.env.FLUME_PORT !== '0') {
  log(createLogger(), 1);
  await transport.flush();
} else createLogger();
sayWhen();
