// pino in process, and winston.
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';

export const dynamic = 'force-dynamic';

export async function GET() {
  const options = { port: Number(process.env.FLUME_PORT) };
  const stream = pinoFlume(options);
  pino({}, stream).info('stream');
  const transport = new FlumeTransport(options);
  winston.createLogger({ transports: [transport] }).info('winston');
  await Promise.all([stream.flush(), transport.flush()]);
  return new Response('logged');
}
