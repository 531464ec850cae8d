import { flumeLogger } from './logger.mjs';

const logger = flumeLogger(
  { redact: { paths: ['user.password', 'card.*'], censor: '***' } },
  { redact: ['token', 'users[*].email'], headerFields: { user: 'user', token: 'token', card: 'card.number' } },
);
logger.info({
  user: { id: 7, password: 'p' },
  card: { number: '4111' },
  token: 't',
  users: [{ email: 'a@b.c', id: 1 }],
});
