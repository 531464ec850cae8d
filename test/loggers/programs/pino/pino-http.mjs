import { once } from 'node:events';
import { createServer } from 'node:http';
import { pinoHttp } from 'pino-http';
import { pinoArguments } from './logger.mjs';

const settings = {
  customLevels: { notice: 35 },
  customLogLevel: (_request, response) => (response.statusCode >= 400 ? 'warn' : 'notice'),
  genReqId: () => 'r-1',
};
const log = pinoHttp(...pinoArguments(settings, { headerFields: { requestId: 'req.id', status: 'res.statusCode' } }));
const server = createServer((request, response) => {
  log(request, response);
  request.log.info({ order: 7 }, 'looked up');
  response.statusCode = request.url === '/none' ? 404 : 200;
  response.end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
for (const target of ['/orders/7', '/none']) {
  await (
    await fetch(`http://127.0.0.1:${server.address().port}${target}`, { headers: { connection: 'close' } })
  ).text();
}
server.close();
