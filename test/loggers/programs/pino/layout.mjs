import { flumeLogger } from './logger.mjs';

const logger = flumeLogger(
  {
    formatters: { level: (label) => ({ 'log.level': label }) },
    timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
    messageKey: 'message',
    base: { ecs: { version: '8.10.0' } },
  },
  { levelKey: 'log.level', timeKey: '@timestamp', body: 'message' },
);
logger.error({ level: 1, time: 2 }, 'ordered');
