import { AsyncLocalStorage } from 'node:async_hooks';
import { flumeLogger } from './logger.mjs';

const store = new AsyncLocalStorage();
const logger = flumeLogger(
  { mixin: (_record, level) => ({ ctx: store.getStore(), mixedIn: level }) },
  { context: { path: 'ctx', include: ['tenant'] }, headerFields: { mixedIn: 'mixedIn' } },
);
store.run({ tenant: 'acme', secret: 'x' }, () => logger.info('within'));
logger.info('without');
