// An application with NestJS: its own logger writes to winston, and nestjs-pino to a worker.
import 'reflect-metadata';
import { Injectable, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WinstonModule } from 'nest-winston';
// oxlint-disable-next-line typescript/consistent-type-imports -- emitDecoratorMetadata makes a value of it
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import * as winston from 'winston';
import { FlumeTransport, shutdown } from 'winston-flume';

const options = { port: Number(process.env.FLUME_PORT) };

@Injectable()
class Orders {
  constructor(readonly logger: PinoLogger) {}

  find(): void {
    this.logger.info('pino');
    new Logger(Orders.name).log('winston');
  }
}

@Module({
  imports: [LoggerModule.forRoot({ pinoHttp: { transport: { target: 'pino-flume', options } } })],
  providers: [Orders],
})
class AppModule {}

async function main(): Promise<void> {
  const instance = winston.createLogger({ level: 'info', transports: [new FlumeTransport(options)] });
  const logger = WinstonModule.createLogger({ instance });
  const app = await NestFactory.createApplicationContext(AppModule, { logger });
  app.get(Orders).find();
  await app.close();
  await shutdown(instance);
}

void main();
