import { flumeLogger } from './logger.mjs';

const logger = flumeLogger({ customLevels: { notice: 30, alert: 60 }, useOnlyCustomLevels: true, level: 'notice' });
logger.notice('heard');
logger.child({ part: 'x' }, { level: 'alert' }).alert('heard too');
