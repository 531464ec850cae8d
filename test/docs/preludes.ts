// What stands around a fragment of a page, so that it can run: `<!-- test: with winston -->` before a block names one.

export interface Prelude {
  readonly before: string;
  readonly after?: string;
}

export const preludes: Readonly<Record<string, Prelude>> = {
  core: {
    before: `import { EmbeddedAgent, FlumeClient, FlumeError } from 'flume-thrift-client';`,
  },
  agent: {
    before: `
      import { EmbeddedAgent } from 'flume-thrift-client';
      const agent = new EmbeddedAgent({ agents: 'flume-1:4141' });
      agent.put({ body: 'an event' });`,
    after: 'await agent.close();',
  },
  winston: {
    before: `
      import { AsyncLocalStorage } from 'node:async_hooks';
      import winston from 'winston';
      import { FlumeTransport, shutdown } from 'winston-flume';
      const transport = new FlumeTransport({ agents: 'flume-1:4141' });
      const transports = [transport];
      const logger = winston.createLogger({ transports });
      const store = new AsyncLocalStorage();
      const metrics = { increment() {} };
      logger.info('a record');`,
    after: 'await shutdown(logger);',
  },
  pino: {
    before: `
      import { AsyncLocalStorage } from 'node:async_hooks';
      import pino from 'pino';
      import { pinoFlume } from 'pino-flume';
      const stream = pinoFlume({ agents: 'flume-1:4141' });
      const logger = pino(stream);
      logger.info('a record');`,
    after: 'await stream.flush();',
  },
  source: {
    before: `
      import { startDevAgent } from 'flume-dev-agent';
      const source = await startDevAgent({ port: 0 });`,
    after: 'await source.close();',
  },
};
