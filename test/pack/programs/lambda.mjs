// A function for AWS Lambda: the loggers are made once, and each call ends when its records are with Flume.
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';

const options = { port: Number(process.env.FLUME_PORT) };
const stream = pinoFlume(options);
const pinoLogger = pino({}, stream);
const transport = new FlumeTransport(options);
const winstonLogger = winston.createLogger({ transports: [transport] });

export async function handler({ id }) {
  pinoLogger.info(`pino ${id}`);
  winstonLogger.info(`winston ${id}`);
  await Promise.all([stream.flush(), transport.flush()]);
  return { statusCode: 200 };
}
