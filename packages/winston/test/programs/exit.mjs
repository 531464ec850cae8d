// The worst that a program can do.
import { createLogger, log } from './flume-logger.mjs';

log(createLogger());
process.exit();
