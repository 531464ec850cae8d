import { flumeLogger, winston } from './logger.mjs';

const levels = { fatal: 0, error: 1, notice: 2, trace: 3 };
winston.addColors({ fatal: 'red', error: 'red', notice: 'cyan', trace: 'grey' });
const logger = flumeLogger({ logger: { levels, level: 'notice' } });
logger.fatal('a');
logger.notice('b');
logger.trace('c');
