// With exitOnError false the process goes on.
import { flumeLogger, flumeTransport, winston } from './logger.mjs';

const format = winston.format.combine(winston.format.timestamp(), winston.format.json());
const handler = flumeTransport({ format });
// A rejection goes to every transport, whatever it handles.
flumeLogger({
  transport: { silent: true },
  logger: { exitOnError: false, exceptionHandlers: [handler], rejectionHandlers: [handler] },
});
setTimeout(() => void Promise.reject(new RangeError('nobody waits')));
throw new TypeError('nobody catches');
