// An exception that nobody catches: winston logs it and ends the process after three seconds.
import { createLogger, log, transport } from './flume-logger.mjs';

transport.handleExceptions = true;
log(createLogger(), 999);
setImmediate(() => {
  throw new Error('nobody catches me');
});
