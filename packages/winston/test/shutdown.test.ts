import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import winston from 'winston';
import TransportStream from 'winston-transport';
import { FlumeTransport, shutdown } from '../src/index.ts';
import { deadPort, ended, withLogger } from './flume-logger.ts';

/** Takes one record after the other, each for some turns of the event loop, as one that waits for the network does. */
class SlowTransport extends TransportStream {
  taken = 0;
  override log(_info: unknown, callback: () => void): void {
    setTimeout(() => {
      this.taken += 1;
      callback();
    }, 1);
  }
}

describe('shutdown()', () => {
  it('delivers everything beside a transport that lags, to both', async () => {
    await withLogger({ source: { latencyMs: 20 } }, async ({ logger, source }) => {
      const slow = new SlowTransport();
      logger.add(slow);
      logger.on('error', assert.fail);
      for (let n = 0; n < 200; n++) logger.info('a');
      assert.ok(source.received < 200 && logger.writableLength > 0);
      assert.deepEqual(await shutdown(logger), { delivered: 200, dropped: 0, queued: 0 });
      assert.deepEqual([source.received, slow.taken], [200, 200]);
    });
  });

  it('ends in time where a transport never calls back and no agent is', async () => {
    const port = await deadPort();
    const transport = new FlumeTransport({ port, closeTimeoutMs: 10_000 });
    const stuck = new TransportStream({ log: () => {} });
    const logger = winston.createLogger({ transports: [transport, stuck] });
    logger.on('warn', () => {});
    for (let n = 0; n < 100; n++) logger.info('a');
    const start = performance.now();
    const { delivered, queued } = await shutdown(logger, { timeoutMs: 200 });
    assert.ok(performance.now() - start < 4_000);
    // What winston hands to a transport while another is stuck.
    assert.deepEqual([delivered, queued], [0, 16]);
    // Cuts the end short that runs for closeTimeoutMs.
    await using source = await startDevAgent({ port });
    await transport.close();
    assert.equal(source.received, transport.stats().accepted);
  });

  it('sums over the transports, exception handlers included, and never ends twice', async () => {
    await using source = await startDevAgent({ port: 0 });
    const [a, b, handler] = [1, 2, 3].map(() => new FlumeTransport({ port: source.port })) as [
      FlumeTransport,
      FlumeTransport,
      FlumeTransport,
    ];
    const logger = winston.createLogger({ transports: [a, b], exceptionHandlers: [handler], exitOnError: false });
    logger.info('a');
    logger.log(logger.exceptions.getAllInfo(new Error('boom')) as never);
    const finished = once(logger, 'finish');
    const reports = await Promise.all([shutdown(logger), shutdown(logger)]);
    await finished;
    assert.deepEqual(reports[0], { delivered: 3, dropped: 0, queued: 0 });
    assert.deepEqual(reports[1], reports[0]);
    await shutdown(logger, { timeoutMs: 60_000 });
    logger.exceptions.unhandle();
    for (const transport of [a, b, handler]) await ended(transport);
  });

  it("uses its own time where that is longer than the transport's closeTimeoutMs", async () => {
    const slow = { source: { latencyMs: 400 }, transport: { closeTimeoutMs: 50 } };
    await withLogger(slow, async ({ logger }) => {
      logger.info('a');
      assert.deepEqual(await shutdown(logger, { timeoutMs: 5_000 }), { delivered: 1, dropped: 0, queued: 0 });
    });
  });

  it('refuses a time that is none, before it does anything', async () => {
    await withLogger({}, async ({ logger, transport }) => {
      for (const [options, message] of [
        [{ timeoutMs: -5 }, 'timeoutMs: expected a number of milliseconds >= 0, got -5'],
        [{ timeoutMs: Number.NaN }, 'timeoutMs: expected a number of milliseconds >= 0, got NaN'],
        [{ timeoutMs: '5' }, 'timeoutMs: expected a number of milliseconds >= 0, got "5"'],
        [{ timeout: 5 }, 'timeout: unknown option, did you mean timeoutMs?'],
        [null, 'options: expected an object, got null'],
      ] as const) {
        for (const call of [() => shutdown(logger, options as never), () => transport.flush(options as never)]) {
          await assert.rejects(call, { code: 'ERR_FLUME_OPTION', message });
        }
      }
      logger.info('a');
      assert.deepEqual(await shutdown(logger, { timeoutMs: 4_000.5 }), { delivered: 1, dropped: 0, queued: 0 });
    });
  });

  it('leaves a transport that another logger uses to that one, which end() does not, and says so', async () => {
    await using source = await startDevAgent({ port: 0 });
    const transport = new FlumeTransport({ port: source.port });
    const warnings: string[] = [];
    transport.on('warn', ({ message }) => warnings.push(message));
    const [first, second, third] = [1, 2, 3].map(() => winston.createLogger({ transports: [transport] })) as [
      winston.Logger,
      winston.Logger,
      winston.Logger,
    ];
    first.info('a');
    assert.deepEqual(await shutdown(first), { delivered: 1, dropped: 0, queued: 0 });
    second.info('b');
    assert.deepEqual(await shutdown(second), { delivered: 2, dropped: 0, queued: 0 });
    third.info('c');
    assert.deepEqual(await shutdown(third), { delivered: 3, dropped: 0, queued: 0 });
    assert.equal(warnings.length, 0);

    const shared = new FlumeTransport({ port: source.port });
    shared.on('warn', ({ message }) => warnings.push(message));
    const [one, other] = [1, 2].map(() => winston.createLogger({ transports: [shared] })) as [
      winston.Logger,
      winston.Logger,
    ];
    await once(one.end(), 'finish');
    assert.deepEqual(warnings, [
      'flume: one of its loggers has ended it, the others lose it: shutdown() of winston-flume leaves it to them',
    ]);
    other.close();
  });

  it('takes a logger without any Flume transport', async () => {
    const logger = winston.createLogger({ transports: new winston.transports.Console({ silent: true }) });
    logger.info('a');
    assert.deepEqual(await shutdown(logger), { delivered: 0, dropped: 0, queued: 0 });
  });
});
