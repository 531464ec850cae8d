import { createLogger, log, transport } from './flume-logger.mjs';

log(createLogger());
await transport.flush();
process.exit();
