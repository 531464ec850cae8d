// As exception.mjs, with a transport that is an exception handler and nothing else.
import winston from 'winston';
import { createLogger, sayWhen, transport } from './flume-logger.mjs';

createLogger({ transports: new winston.transports.Console({ silent: true }), exceptionHandlers: [transport] });
sayWhen();
setImmediate(() => {
  throw new Error('nobody catches me');
});
