// Nest with nestjs-pino: a record for each request and Nest's own, delivered from pino's worker thread.

import 'reflect-metadata';
import { Controller, Get, Module, Logger as NestLogger, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Logger, LoggerModule } from 'nestjs-pino';
import pino from 'pino';
import { installShutdown, type PinoFlumeOptions } from 'pino-flume';

const logger = pino({
  transport: {
    target: 'pino-flume',
    options: {
      agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141',
      headers: { app: 'shop' },
      headerFields: { requestId: 'req.id', logger: 'context' },
    } satisfies PinoFlumeOptions,
  },
});

@Controller('orders')
class OrdersController {
  readonly #logger = new NestLogger(OrdersController.name);

  @Get(':id')
  find(@Param('id') id: string) {
    this.#logger.log(`order ${id} looked up`);
    return { order: id };
  }
}

@Module({ imports: [LoggerModule.forRoot({ pinoHttp: { logger } })], controllers: [OrdersController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { bufferLogs: true });
app.useLogger(app.get(Logger));

// On SIGTERM and SIGINT: Nest closes first, since it logs while it does.
installShutdown(async () => {
  await app.close();
  await new Promise<unknown>((resolve) => logger.flush(resolve));
});

await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
new NestLogger('Main').log(`listening on ${await app.getUrl()}`);
