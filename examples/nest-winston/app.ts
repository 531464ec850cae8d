// Nest with nest-winston: Nest's own Logger writes to winston, and its context becomes the header `logger`.

import 'reflect-metadata';
import { Controller, Get, Logger, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WinstonModule } from 'nest-winston';
import winston from 'winston';
import { FlumeTransport, installShutdown, shutdown } from 'winston-flume';

const instance = winston.createLogger({
  format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
  transports: [new FlumeTransport({ agents: process.env.FLUME_AGENT ?? '127.0.0.1:4141', headers: { app: 'shop' } })],
});

@Controller('orders')
class OrdersController {
  readonly #logger = new Logger(OrdersController.name);

  @Get(':id')
  find(@Param('id') id: string) {
    this.#logger.log(`order ${id} looked up`);
    return { order: id };
  }
}

@Module({ controllers: [OrdersController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: WinstonModule.createLogger({ instance }) });

// On SIGTERM and SIGINT: Nest closes first, since it logs while it does.
installShutdown(async () => {
  await app.close();
  await shutdown(instance, { timeoutMs: 8_000 });
});

await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
new Logger('Main').log(`listening on ${await app.getUrl()}`);
