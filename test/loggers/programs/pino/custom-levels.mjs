import { flumeLogger } from './logger.mjs';

const logger = flumeLogger({ customLevels: { notice: 35, loud: 70 }, level: 'notice' });
logger.notice('heard');
logger.loud('heard too');
logger.info('not heard');
logger.warn('pino has it');
