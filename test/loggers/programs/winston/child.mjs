import { flumeLogger } from './logger.mjs';

const logger = flumeLogger({ logger: { defaultMeta: { service: 'shop' } } });
logger.child({ logger: 'orders', requestId: 'r-1' }).child({ requestId: 'r-2' }).info('placed', { id: 7 });
