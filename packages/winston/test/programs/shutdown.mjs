// Beside a transport that takes a turn of the event loop for each record.
import { shutdown } from 'winston-flume';
import TransportStream from 'winston-transport';
import { createLogger, log, transport } from './flume-logger.mjs';

const slow = new TransportStream({ log: (_info, callback) => setImmediate(callback) });
const logger = createLogger({ transports: [slow, transport] });
log(logger);
await shutdown(logger, { timeoutMs: Number(process.env.CLOSE_TIMEOUT_MS ?? 10_000) });
process.exit();
