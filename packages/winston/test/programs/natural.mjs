// Ends by itself, without a word to the logger.
import { createLogger, log } from './flume-logger.mjs';

log(createLogger());
