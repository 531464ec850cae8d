import { flumeLogger, winston } from './logger.mjs';

const logger = flumeLogger({
  logger: { format: winston.format.combine(winston.format.splat(), winston.format.json()) },
});
logger.info('%s bought %d', 'ann', 7, { tenant: 'acme' });
const plain = flumeLogger();
plain.error('no tokens filled: %s', new RangeError('boom'));
