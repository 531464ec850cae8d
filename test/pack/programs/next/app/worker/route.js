// pino with a worker. The bare import is what tells Next.js to take pino-flume along.
import pino from 'pino';
import 'pino-flume';

export const dynamic = 'force-dynamic';

export async function GET() {
  const logger = pino({ transport: { target: 'pino-flume', options: { port: Number(process.env.FLUME_PORT) } } });
  logger.info('worker');
  await new Promise((resolve) => logger.flush(resolve));
  return new Response('logged');
}
