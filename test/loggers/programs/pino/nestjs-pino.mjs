import 'reflect-metadata';
import { Controller, Get, Module, Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger, LoggerModule } from 'nestjs-pino';
import { pinoArguments } from './logger.mjs';

const [options, stream] = pinoArguments(
  { customLevels: { notice: 35 }, genReqId: () => 'r-1' },
  { headerFields: { requestId: 'req.id', logger: 'context' } },
);

class OrdersController {
  #logger = new NestLogger('Orders');

  find() {
    this.#logger.log('looked up');
    this.#logger.error(new Error('no such order'));
    return {};
  }
}
// As decorators, for want of a compiler.
Controller('orders')(OrdersController);
Get()(OrdersController.prototype, 'find', Object.getOwnPropertyDescriptor(OrdersController.prototype, 'find'));

class AppModule {}
const pinoHttp = stream === undefined ? options : [options, stream];
Module({ imports: [LoggerModule.forRoot({ pinoHttp })], controllers: [OrdersController] })(AppModule);

const app = await NestFactory.create(AppModule, { bufferLogs: true });
app.useLogger(app.get(Logger));
await app.listen(0, '127.0.0.1');
await (await fetch(`${await app.getUrl()}/orders`, { headers: { connection: 'close' } })).text();
await app.close();
