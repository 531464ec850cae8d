// The loggers by import, without the dev agent: an agent listens at the port that is the argument.
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import 'winston-flume/register';
import { deliver } from './deliveries.cjs';

await deliver({ pino, pinoFlume, winston, FlumeTransport }, process.argv[2], {
  names: ['winston', 'register', 'stream', 'worker'],
});
