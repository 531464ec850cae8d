import express from 'express';
import expressWinston from 'express-winston';
import { ask } from '../http.mjs';
import { flumeTransport, winston } from './logger.mjs';

const transport = flumeTransport({ headerFields: { status: 'meta.res.statusCode' } });
const options = { transports: [transport], format: winston.format.json() };
const app = express();
app.use(
  expressWinston.logger({ ...options, colorize: true, msg: '{{req.method}} {{req.url}}', headerBlacklist: ['cookie'] }),
);
app.get('/orders', (_request, response) => response.send('ok'));
app.get('/broken', () => {
  throw new TypeError('boom', { cause: new Error('inner') });
});
app.use(expressWinston.errorLogger(options));
app.use((_error, _request, response, _next) => response.status(500).end());
await ask(app.listen(0, '127.0.0.1'), ['/orders', { headers: { cookie: 'SECRET' } }], ['/broken']);
