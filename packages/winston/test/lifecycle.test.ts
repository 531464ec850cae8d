// winston's lifecycle: what it calls, and when, and what must not be lost meanwhile.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import winston from 'winston';
import { FlumeTransport } from '../src/index.ts';
import { deadPort, ended, eventsOf, fields, withLogger } from './flume-logger.ts';

const messages = (events: readonly { body: Buffer }[]): unknown[] =>
  events.map((event) => fields(event as never).message);

describe('log()', () => {
  it('calls back before it returns, with or without a callback, and returns true', async () => {
    await withLogger({}, ({ transport }) => {
      const order: string[] = [];
      assert.equal(
        transport.log({ level: 'info', message: 'a' }, () => order.push('callback')),
        true,
      );
      order.push('returned');
      assert.deepEqual(order, ['callback', 'returned']);
      assert.equal(transport.log({ level: 'info', message: 'b' }), true);
      assert.equal(transport.log.length, 2);
    });
  });

  it('keeps nothing of a burst in the streams', async () => {
    await withLogger({}, ({ logger, transport }) => {
      for (let n = 0; n < 10_000; n++) logger.info('a');
      assert.deepEqual([logger.writableLength, logger.readableLength, transport.writableLength], [0, 0, 0]);
      // Of readable-stream 3, which winston has: callbacks that wait for the next tick.
      const { _writableState: state } = transport as unknown as { _writableState: { pendingcb: number } };
      assert.equal(state.pendingcb, 0);
      assert.equal(transport.stats().accepted, 10_000);
    });
  });

  it('does not stall where winston was told to wait', async () => {
    await withLogger({ transport: { highWaterMark: 2, level: 'info' } }, async ({ logger, transport }) => {
      transport.cork();
      for (let n = 0; n < 50; n++) {
        logger.info('a');
        logger.debug('filtered');
      }
      transport.uncork();
      for (let n = 0; n < 50; n++) logger.info('a');
      logger.end();
      await once(logger, 'finish');
      assert.equal(transport.stats().delivered, 100);
    });
  });

  it("emits 'logged' where somebody listens, for what was accepted", async () => {
    const logged: unknown[] = [];
    await withLogger(
      { transport: { map: (info) => (info.message === 'filtered' ? null : {}), maxEventBytes: 200, oversize: 'drop' } },
      async ({ logger, transport }) => {
        logger.info('unheard');
        transport.on('logged', (info) => logged.push(info.message));
        for (const message of ['a', 'filtered', 'x'.repeat(500), 'b']) logger.info(message);
        assert.deepEqual(logged, ['a', 'b']);
      },
    );
  });

  it("survives listeners of 'logged' and 'warn' that throw", async () => {
    const { events } = await eventsOf({ transport: { map: () => 5 as never } }, ({ logger, transport }) => {
      const listener = (): never => {
        throw new Error('listener');
      };
      transport.on('warn', listener).on('logged', listener);
      logger.info('a');
      logger.info('b');
    });
    assert.deepEqual(messages(events), ['a', 'b']);
  });
});

describe('levels', () => {
  it("filters by the logger's level, or by its own", async () => {
    const log = ({ logger }: { logger: winston.Logger }): void => {
      logger.level = 'info';
      for (const level of ['error', 'info', 'debug']) logger.log(level, level);
    };
    assert.deepEqual(messages((await eventsOf({}, log)).events), ['error', 'info']);
    assert.deepEqual(messages((await eventsOf({ transport: { level: 'error' } }, log)).events), ['error']);
    assert.deepEqual(messages((await eventsOf({ transport: { level: 'silly' } }, log)).events), [
      'error',
      'info',
      'debug',
    ]);
  });

  const vocabularies = [
    { levels: winston.config.npm.levels, low: ['info', 'http', 'verbose', 'debug', 'silly'], high: ['warn', 'error'] },
    { levels: winston.config.syslog.levels, low: ['notice', 'info', 'debug'], high: ['warning', 'error', 'emerg'] },
    { levels: { fatal: 0, fine: 1 }, low: [], high: ['fatal', 'fine'] },
  ];
  for (const { levels, low, high } of vocabularies) {
    it(`below warn give way first: ${Object.keys(levels).join(', ')}`, async () => {
      const port = await deadPort();
      const transport = new FlumeTransport({
        port,
        closeTimeoutMs: 0,
        channel: { capacity: 10, whenFull: 'drop-low' },
      });
      transport.on('warn', () => {});
      const logger = winston.createLogger({
        levels,
        level: Object.keys(levels).at(-1) as string,
        transports: transport,
      });
      // From 80 % on.
      for (let n = 0; n < 8; n++) logger.log(high[0] as string, 'a');
      for (const level of low) logger.log(level, 'a');
      assert.equal(transport.stats().dropped.full, low.length);
      for (const level of high.slice(0, 2)) logger.log(level, 'a');
      assert.equal(transport.stats().dropped.full, low.length);
      transport.destroy();
      await transport.close();
    });
  }
});

describe('a transport that winston takes away and gives back', () => {
  it('configure() with the same transport keeps records, connection, level filter', async () => {
    await withLogger({}, async ({ logger, transport, source }) => {
      logger.debug('1');
      for (let round = 0; round < 3; round++) {
        logger.configure({ level: 'info', transports: transport });
        assert.equal(transport.parent, logger);
        logger.debug('hidden');
        logger.info('2');
      }
      logger.configure({ level: 'c', levels: { a: 0, b: 1, c: 2, d: 3 }, transports: transport });
      logger.log('c', '3');
      logger.log('d', 'hidden');
      await transport.flush();
      await transport.close();
      assert.deepEqual(messages(source.events), ['1', '2', '2', '2', '3']);
      assert.equal(source.connectionsTotal, 1);
    });
  });

  it('remove() sends what is queued and closes the connection; add() opens it again, totals kept', async () => {
    await withLogger({}, async ({ logger, transport, source }) => {
      for (let round = 1; round <= 3; round++) {
        logger.info('a');
        logger.info('b');
        const gone = once(source, 'disconnect');
        logger.remove(transport);
        assert.equal(transport.parent, null);
        await transport.close();
        await gone;
        assert.equal(source.received, 2 * round);
        assert.equal(transport.stats().delivered, 2 * round);
        logger.add(transport);
        assert.equal(transport.parent, logger);
      }
      logger.info('c');
      assert.deepEqual(await transport.flush(), { delivered: 7, dropped: 0, queued: 0 });
      assert.equal(source.connectionsTotal, 4);
    });
  });

  it('clear() and logger.close() send what is queued; a direct log() works afterwards', async () => {
    for (const method of ['clear', 'close'] as const) {
      await withLogger({}, async ({ logger, transport, source }) => {
        logger.info('a');
        logger[method]();
        await transport.close();
        assert.deepEqual(messages(source.events), ['a']);
        transport.log({ level: 'info', message: 'b' });
        await transport.flush();
        assert.deepEqual(messages(source.events), ['a', 'b']);
      });
    }
  });

  it('close() is idempotent, and called off by a new record', async () => {
    await withLogger({ source: { latencyMs: 30 } }, async ({ logger, transport, source }) => {
      logger.info('a');
      const closed = [transport.close(), transport.close()];
      logger.info('b');
      await Promise.all(closed);
      logger.info('c');
      await transport.flush();
      assert.deepEqual(messages(source.events), ['a', 'b', 'c']);
      assert.equal(source.connectionsTotal, 1);
    });
  });

  it('close() without an agent ends after closeTimeoutMs, and what was left is counted', async () => {
    const transport = new FlumeTransport({ port: await deadPort(), closeTimeoutMs: 50 });
    transport.on('warn', () => {});
    transport.log({ level: 'info', message: 'a' });
    await transport.close();
    assert.deepEqual(await transport.flush(), { delivered: 0, dropped: 0, queued: 1 });
    transport.log({ level: 'info', message: 'b' });
    transport.destroy();
    await transport.close();
    const { accepted, delivered, dropped, queued } = transport.stats();
    assert.deepEqual([accepted, delivered, dropped.closed, queued.events], [2, 0, 1, 1]);
  });

  it('shared: closing one logger changes nothing for the other', async () => {
    await withLogger({}, async ({ logger, transport, source }) => {
      const other = winston.createLogger({ level: 'warn', transports: transport });
      logger.info('1');
      logger.close();
      assert.equal(transport.parent, other);
      other.info('hidden');
      other.warn('2');
      await transport.close();
      other.warn('3');
      await transport.flush();
      assert.deepEqual(messages(source.events), ['1', '2', '3']);
      other.close();
    });
  });

  it('shared by many: no warning about listeners', async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', listener);
    await withLogger({}, async ({ transport }) => {
      const loggers = Array.from({ length: 30 }, () => winston.createLogger({ transports: transport }));
      await new Promise((resolve) => setImmediate(resolve));
      for (const logger of loggers) logger.close();
    });
    process.off('warning', listener);
    assert.deepEqual(warnings, []);
  });
});

describe('the end', () => {
  it("'finish' of the logger means delivered", async () => {
    await withLogger({ source: { latencyMs: 20 } }, async ({ logger, source, transport }) => {
      for (let n = 0; n < 1_000; n++) logger.info('a');
      logger.end();
      await once(logger, 'finish');
      assert.equal(source.received, 1_000);
      assert.deepEqual(await transport.flush(), { delivered: 1_000, dropped: 0, queued: 0 });
    });
  });

  it("'finish' comes after closeTimeoutMs where no agent is, and flush() says what was left", async () => {
    const transport = new FlumeTransport({ port: await deadPort(), closeTimeoutMs: 100 });
    const logger = winston.createLogger({ transports: transport });
    logger.on('warn', () => {});
    logger.info('a');
    const start = performance.now();
    logger.end();
    await once(logger, 'finish');
    assert.ok(performance.now() - start < 4_000);
    assert.deepEqual(await transport.flush(), { delivered: 0, dropped: 0, queued: 1 });
  });

  it('records after it are counted as dropped, without an error', async () => {
    await withLogger({}, async ({ logger, transport, source }) => {
      const warnings: string[] = [];
      transport.on('warn', ({ code }) => warnings.push(code));
      logger.info('a');
      logger.end();
      await once(logger, 'finish');
      let called = 0;
      assert.equal(
        transport.log({ level: 'info', message: 'b' }, () => called++),
        true,
      );
      assert.equal(transport.write({ level: 'info', message: 'c' }), true);
      await new Promise<void>((resolve) => transport.write({ level: 'info', message: 'd' }, () => resolve()));
      assert.equal(called, 1);
      assert.deepEqual(messages(source.events), ['a']);
      assert.equal(transport.stats().dropped.closed, 3);
      assert.deepEqual(warnings, ['ERR_FLUME_DROPPED']);
      assert.deepEqual(await transport.flush(), { delivered: 1, dropped: 3, queued: 0 });
    });
  });

  it("with a transport that lags: its late records are no 'error' of ours", async () => {
    await withLogger({}, async ({ logger, transport }) => {
      class Slow extends (await import('winston-transport')).default {
        override log(_info: unknown, callback: () => void): void {
          setImmediate(callback);
        }
      }
      const errors: unknown[] = [];
      logger.add(new Slow());
      logger.on('error', (_error: Error, from: unknown) => errors.push(from));
      for (let n = 0; n < 100; n++) logger.info('a');
      logger.end();
      await once(transport, 'finish');
      await transport.flush();
      assert.ok(!errors.includes(transport));
    });
  });

  it('await using ends it, once', async () => {
    await using source = await startDevAgent({ port: 0 });
    let own: FlumeTransport;
    {
      await using transport = new FlumeTransport({ port: source.port });
      own = transport;
      transport.log({ message: 'a' });
    }
    assert.equal(source.received, 1);
    await own[Symbol.asyncDispose]();
    await own[Symbol.asyncDispose]();
    assert.deepEqual(await own.flush(), { delivered: 1, dropped: 0, queued: 0 });
  });

  it('destroy() drops what is queued and counts it', async () => {
    const transport = new FlumeTransport({ port: await deadPort() });
    transport.on('warn', () => {});
    transport.log({ level: 'info', message: 'a' });
    const start = performance.now();
    transport.destroy();
    await once(transport, 'close');
    await transport.close();
    assert.ok(performance.now() - start < 4_000);
    assert.equal((await transport.flush()).queued, 1);
    assert.equal(transport.write({ level: 'info', message: 'b' }), true);
    assert.equal(transport.stats().dropped.closed, 1);
  });
});

describe('exception handlers', () => {
  it('a handler alone needs no logger, and what it logs is sent at once', async () => {
    await using source = await startDevAgent({ port: 0 });
    const transport = new FlumeTransport({ port: source.port, lingerMs: 60_000 });
    const logger = winston.createLogger({
      exitOnError: false,
      transports: [new winston.transports.Console({ silent: true })],
      exceptionHandlers: [transport],
    });
    logger.log(logger.exceptions.getAllInfo(new Error('boom')) as never);
    await source.waitFor(1);
    const { error, exception, message } = fields(source.events[0]);
    assert.equal(exception, true);
    assert.equal((error as Error).message, 'boom');
    assert.match(String(message), /^uncaughtException: boom\n/);
    logger.exceptions.unhandle();
    logger.close();
    await ended(transport);
  });

  it('a rejection is sent at once', async () => {
    await withLogger({ transport: { lingerMs: 60_000 } }, async ({ logger, source }) => {
      logger.log(logger.rejections.getAllInfo(new Error('boom') as never) as never);
      await source.waitFor(1);
    });
  });
});

describe('trouble', () => {
  const processWarning = async (act: () => void): Promise<unknown[]> => {
    const warnings: unknown[] = [];
    const listener = (warning: Error & { code?: string }): unknown => warnings.push(warning.code);
    process.on('warning', listener);
    act();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listener);
    return warnings;
  };
  const failing = { map: () => 5 as never };

  it("is a 'warn' event of the transport, or of the logger, or else a process warning", async () => {
    await withLogger({ transport: failing }, async ({ logger }) => {
      assert.deepEqual(await processWarning(() => logger.info('a')), ['FLUME_NOTICE']);
    });
    await withLogger({ transport: failing }, async ({ logger, transport }) => {
      const heard: unknown[] = [];
      logger.on('warn', (error, from) => heard.push(error.code, from));
      assert.deepEqual(await processWarning(() => logger.info('a')), []);
      assert.deepEqual(heard, ['FLUME_NOTICE', transport]);
    });
    await withLogger({ transport: failing }, async ({ logger, transport }) => {
      const heard: unknown[] = [];
      transport.on('warn', (error) => heard.push(error.code));
      assert.deepEqual(await processWarning(() => logger.info('a')), []);
      assert.deepEqual(heard, ['FLUME_NOTICE']);
    });
  });

  it('is a process warning where only a logger listens that winston does not tell', async () => {
    await withLogger({ transport: failing }, async ({ transport }) => {
      const second = winston.createLogger({ transports: transport });
      second.on('warn', () => assert.fail('winston tells the first logger only'));
      assert.deepEqual(await processWarning(() => second.info('a')), ['FLUME_NOTICE']);
      second.close();
    });
  });

  it('leaves the other transports alone, emits no error, warns once per outage and once on recovery', async () => {
    const port = await deadPort();
    const transport = new FlumeTransport({ port, retry: { initialDelayMs: 5, maxDelayMs: 10 } });
    const sibling: unknown[] = [];
    const sink = new Writable({ write: (line, _encoding, callback) => (sibling.push(line), callback()) });
    const logger = winston.createLogger({
      transports: [transport, new winston.transports.Stream({ stream: sink })],
    });
    const warnings: string[] = [];
    logger.on('error', assert.fail).on('warn', ({ code }) => warnings.push(code));
    for (let n = 0; n < 1_000; n++) logger.info('a');
    assert.deepEqual(await transport.flush({ timeoutMs: 50 }), { delivered: 0, dropped: 0, queued: 1_000 });
    assert.equal(sibling.length, 1_000);
    await using source = await startDevAgent({ port });
    assert.deepEqual(await transport.flush(), { delivered: 1_000, dropped: 0, queued: 0 });
    assert.equal(source.received, 1_000);
    assert.deepEqual(warnings, ['ERR_FLUME_CONNECT', 'FLUME_RECOVERED']);
    await ended(transport);
  });
});
