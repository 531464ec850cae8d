// A user's code, compiled as each kind of module against the packed packages. Every line is what somebody would write.
import { type DevAgent, startDevAgent } from 'flume-dev-agent';
import { EmbeddedAgent, FlumeClient, FlumeError, type Report } from 'flume-thrift-client';
import { type Logger as PinoLogger, pino, type TransportTargetOptions } from 'pino';
import pinoFlumeDefault, { type PinoFlumeOptions, type PinoFlumeStream, pinoFlume } from 'pino-flume';
import { createLogger, type Logger, transports } from 'winston';
import FlumeTransportDefault, { FlumeTransport, type FlumeTransportOptions, shutdown } from 'winston-flume';
import 'winston-flume/register';

export async function winstonUser(): Promise<Report> {
  const options: FlumeTransportOptions = {
    agents: ['flume-1:4141', { host: 'flume-2', port: 4141 }],
    level: 'info',
    map: (record) => ({ headers: { tenant: String(record.tenant) } }),
    channel: { type: 'memory', capacity: 10 },
  };
  const transport: FlumeTransport = new FlumeTransport(options);
  const logger: Logger = createLogger({
    transports: [transport, new FlumeTransportDefault({ port: 4141 }), new transports.Flume({ host: 'flume-1' })],
  });
  logger.add(new transports.Flume({ silent: true }));
  transport.on('warn', (error: unknown) => error instanceof FlumeError && error.code);
  class Named extends FlumeTransport {}
  void new Named().stats().filtered;
  await shutdown(logger, { timeoutMs: 5_000 });
  return transport.flush({ timeoutMs: 1_000 });
}

// @ts-expect-error There is no such option.
export const misspelt: FlumeTransportOptions = { agent: 'flume-1:4141' };

export function pinoUser(): PinoLogger {
  const stream: PinoFlumeStream = pinoFlume({ agents: 'flume-1:4141', map: ({ msg }) => ({ body: String(msg) }) });
  void stream.flush().then(({ queued }) => queued + stream.stats().filtered);
  return pino({ level: 'info' }, pino.multistream([stream, pinoFlumeDefault()]));
}

export function pinoWorkerUser(): PinoLogger {
  const targets: TransportTargetOptions[] = [
    { target: 'pino-flume', level: 'info', options: { agents: 'flume-1:4141' } satisfies PinoFlumeOptions },
  ];
  pino.transport({ targets });
  return pino(
    pino.transport<PinoFlumeOptions>({
      target: 'pino-flume',
      options: { agents: 'flume-1:4141', map: '/app/map.mjs' },
    }),
  );
}

export function functionsDoNotReachAWorker(): void {
  pino.transport<PinoFlumeOptions>({
    target: 'pino-flume',
    options: {
      // @ts-expect-error The path of a module, in a worker.
      map: () => null,
    },
  });
  ({
    // @ts-expect-error The path of a file, in a worker.
    deadLetter: () => {},
  }) satisfies PinoFlumeOptions;
}

export async function clientUser(): Promise<void> {
  const client = new FlumeClient({ host: '127.0.0.1', port: 4141 });
  await client.append({ headers: { a: 'hello' }, body: 'world' });
  const agent = new EmbeddedAgent({ agents: 'flume-1:4141' });
  agent.on('warning', (error) => error.retryable);
  agent.put({ headers: {}, body: new Uint8Array(1) });
  const { delivered, dropped }: Report = await agent.close();
  const dev: DevAgent = await startDevAgent({ port: 0, script: ['ok', { delayMs: delivered + dropped }] });
  await dev.close();
}
