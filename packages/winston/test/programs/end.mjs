// The documented end of a winston logger.
import { createLogger, log } from './flume-logger.mjs';

const logger = createLogger();
log(logger);
logger.on('finish', () => process.exit());
logger.end();
