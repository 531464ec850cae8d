import express from 'express';
import morgan from 'morgan';
import { ask } from '../http.mjs';
import { flumeLogger } from './logger.mjs';

const logger = flumeLogger({ transport: { body: process.argv[2] } });
const app = express();
app.use(morgan(':method :url :status', { stream: { write: (line) => logger.http(line) } }));
app.get('/orders', (_request, response) => response.send('ok'));
logger.level = 'http';
await ask(app.listen(0, '127.0.0.1'), ['/orders']);
