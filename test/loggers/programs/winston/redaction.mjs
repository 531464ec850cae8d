import { flumeLogger, winston } from './logger.mjs';

const hide = winston.format((info) => ({ ...info, token: '***' }));
const logger = flumeLogger({
  logger: { format: winston.format.combine(hide(), winston.format.json()) },
  transport: { redact: ['user.password', '*.secret'], headerFields: { password: 'user.password', user: 'user.name' } },
});
logger.info('signed in', { user: { name: 'ann', password: 'PASSWORD' }, token: 'TOKEN', pay: { secret: 'SECRET' } });
