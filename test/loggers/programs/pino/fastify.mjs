import Fastify from 'fastify';
import { pinoArguments } from './logger.mjs';

const [options, stream] = pinoArguments({ customLevels: { notice: 35 } }, { headerFields: { requestId: 'reqId' } });
const app = Fastify({ logger: stream === undefined ? options : { ...options, stream } });
app.get('/orders/:id', async (request) => {
  request.log.notice({ order: request.params.id }, 'looked up');
  throw new Error('no such order');
});
await app.inject('/orders/7');
await app.close();
