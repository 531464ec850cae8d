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
    assert.ok(performance.now() - start < 1_000);
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

  it('takes a logger without any Flume transport', async () => {
    const logger = winston.createLogger({ transports: new winston.transports.Console({ silent: true }) });
    logger.info('a');
    assert.deepEqual(await shutdown(logger), { delivered: 0, dropped: 0, queued: 0 });
  });
});
