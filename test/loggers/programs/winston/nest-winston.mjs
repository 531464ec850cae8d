import 'reflect-metadata';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WinstonModule } from 'nest-winston';
import { flumeLogger } from './logger.mjs';

class AppModule {}
Module({})(AppModule);

const instance = flumeLogger();
const app = await NestFactory.createApplicationContext(AppModule, { logger: WinstonModule.createLogger({ instance }) });
const logger = new Logger('Orders');
logger.log({ message: 'placed', id: 7 });
logger.error(new TypeError('boom', { cause: new Error('inner') }));
logger.fatal('gone');
await app.close();
