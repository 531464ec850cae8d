import { flumeLogger, pino } from './logger.mjs';

const logger = flumeLogger({
  formatters: {
    level: (label) => ({ level: label.toUpperCase() }),
    bindings: ({ hostname }) => ({ node: { hostname } }),
    log: ({ order, ...rest }) => ({ ...rest, order: { id: order } }),
  },
  timestamp: pino.stdTimeFunctions.isoTime,
});
// What a record has under the logger's own names must not hide these.
logger.warn({ order: 7, level: 'silver', time: 3000 }, 'placed');
