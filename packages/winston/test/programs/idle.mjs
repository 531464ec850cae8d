// Has logged once, and has nothing to do.
import { createLogger, log, transport } from './flume-logger.mjs';

if (process.env.FLUME_PORT !== '0') {
  log(createLogger(), 1);
  await transport.flush();
} else createLogger();
process.stdout.write(String(Date.now()));
