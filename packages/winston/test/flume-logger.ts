// A winston logger, a transport and a dev agent, for the time of a test.

import { type DevAgent, type DevAgentOptions, type ReceivedEvent, startDevAgent } from 'flume-dev-agent';
import winston from 'winston';
import { FlumeTransport, type FlumeTransportOptions } from '../src/index.ts';

export interface Setup {
  readonly source: DevAgent;
  readonly transport: FlumeTransport;
  readonly logger: winston.Logger;
}

interface SetupOptions {
  readonly transport?: FlumeTransportOptions;
  readonly logger?: winston.LoggerOptions;
  readonly source?: DevAgentOptions;
}

export async function withLogger(options: SetupOptions, use: (setup: Setup) => Promise<void> | void): Promise<void> {
  const source = await startDevAgent({ port: 0, ...options.source });
  const transport = new FlumeTransport({ port: source.port, ...options.transport });
  const logger = winston.createLogger({ level: 'silly', ...options.logger, transports: transport });
  try {
    await use({ source, transport, logger });
  } finally {
    await ended(transport);
    logger.close();
    await source.close();
  }
}

/** Ends the transport, once more or for the first time, and waits until its connections are closed. */
export async function ended(transport: FlumeTransport): Promise<void> {
  transport.end();
  transport.destroy();
  await transport.close();
}

/** The events that arrive for what `log` logs. */
export async function eventsOf(
  options: SetupOptions,
  log: (setup: Setup) => void,
): Promise<{ events: readonly ReceivedEvent[]; transport: FlumeTransport }> {
  let result: { events: readonly ReceivedEvent[]; transport: FlumeTransport } | undefined;
  await withLogger(options, async (setup) => {
    log(setup);
    await setup.transport.flush();
    result = { events: setup.source.events, transport: setup.transport };
  });
  return result as NonNullable<typeof result>;
}

/** The only event that arrives. */
export async function eventOf(options: SetupOptions, log: (setup: Setup) => void): Promise<ReceivedEvent> {
  const { events } = await eventsOf(options, log);
  if (events.length !== 1) throw new Error(`expected 1 event, ${events.length} arrived`);
  return events[0] as ReceivedEvent;
}

export const text = (event: ReceivedEvent | undefined): string => event?.body.toString() ?? '';
export const fields = (event: ReceivedEvent | undefined): Record<string, unknown> => JSON.parse(text(event));

/** A port on which nobody listens. */
export async function deadPort(): Promise<number> {
  const source = await startDevAgent({ port: 0 });
  await source.close();
  return source.port;
}
