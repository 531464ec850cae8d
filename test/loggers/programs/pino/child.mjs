import { flumeLogger } from './logger.mjs';

const logger = flumeLogger({ name: 'shop', base: { service: 'shop' } }, { headerFields: { requestId: 'requestId' } });
const child = logger
  .child({ requestId: 'r-1' }, { msgPrefix: '[orders] ' })
  .child({ requestId: 'r-2', user: { id: 7 } });
child.info({ id: 8 }, 'placed');
logger.child({ name: 'stock' }).error(new Error('none left'));
