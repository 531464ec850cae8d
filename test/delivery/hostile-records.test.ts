// Hostile records: whatever is logged, through EmbeddedAgent, winston or pino, nothing is thrown that the logger alone
// would not throw, nothing hangs, the books balance, and the next good record arrives.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { pino } from 'pino';
import pinoFlume from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import TransportStream from 'winston-transport';
import { EmbeddedAgent, type FlumeEvent } from '../../packages/core/src/index.ts';
import { leakCheck } from '../../packages/core/test/leak-check.ts';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { balance } from './balance.ts';
import { anything, hostileBytes, hostileValues } from './hostile-values.ts';

const seed = Number(process.env.SEED ?? 1);
const runs = Number(process.env.COUNT ?? 3_000);
const hundredMegabytes = 100 * 1024 * 1024;

async function withSource(use: (source: DevAgent, agents: string) => Promise<void>): Promise<void> {
  const source = await startDevAgent({ port: 0, keepEvents: 10 });
  const reasons = new Set<string>();
  source.on('disconnect', (_connection, reason) => reasons.add(reason));
  try {
    await use(source, `127.0.0.1:${source.port}`);
    while (source.connections > 0) await once(source, 'disconnect');
    assert.deepEqual([...reasons], ['the client closed it'], 'the agent could not read an event');
  } finally {
    await source.close();
  }
}

const lastBody = (source: DevAgent): string => String(source.events.at(-1)?.body);

function threw(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error ?? 'nothing';
  }
}

describe('hostile records', { timeout: 120_000 }, () => {
  leakCheck();

  it('EmbeddedAgent.put()', async () => {
    await withSource(async (source, agents) => {
      const agent = new EmbeddedAgent({ agents, headers: { fixed: 'yes' }, requestTimeoutMs: 5_000 });
      agent.on('warning', () => {});
      const put = (event: unknown): void => {
        agent.put(event as FlumeEvent);
        balance(agent.stats());
      };
      /** The next good event arrives as it is. */
      const good = async (after: string): Promise<void> => {
        agent.put({ headers: { after }, body: after });
        const { queued } = await agent.flush();
        assert.equal(queued, 0, after);
        assert.equal(lastBody(source), after.toWellFormed(), after);
        assert.deepEqual(source.events.at(-1)?.headers, { fixed: 'yes', after: after.toWellFormed() }, after);
      };
      for (const [name, make] of Object.entries({ ...hostileValues, ...hostileBytes })) {
        put(make());
        put({ body: make() });
        put({ body: 'body', headers: make() });
        put({ body: 'body', headers: { name: make() } });
        put({ body: 'body', headers: ['name', make()] });
        put({ body: 'body', headers: [make(), 'value'] });
        put({ body: 'body', low: make() });
        await good(name);
      }
      for (const name of [
        '__proto__',
        'hasOwnProperty',
        'constructor',
        'toString',
        '',
        '\0',
        '\ud800',
        'x'.repeat(70_000),
      ]) {
        put({ body: name, headers: [name, name] });
        put({ body: name, headers: { [name]: name } });
        await good(name.slice(0, 10));
      }
      put({ body: 'x'.repeat(hundredMegabytes) });
      put({ body: Buffer.alloc(hundredMegabytes) });
      put({ body: '', headers: { long: 'x'.repeat(hundredMegabytes) } });
      await good('100 MB');
      let count = 0;
      await fc.assert(
        fc.asyncProperty(anything, anything, async (one, other) => {
          put(one());
          put({ body: one(), headers: other() });
          put({ body: 'body', headers: { a: one(), b: other() } });
          put({ body: 'body', headers: [one(), other()] });
          if (++count % 50 === 0) await good(`event ${count}`);
        }),
        { numRuns: runs, seed },
      );
      await good('the end');
      const { queued } = await agent.close();
      assert.equal(queued, 0);
    });
  });

  it('headers and bodies that change their mind while they are read', async () => {
    await withSource(async (source, agents) => {
      const agent = new EmbeddedAgent({ agents });
      agent.on('warning', () => {});
      for (let after = 0; after < 12; after++) {
        for (const later of [undefined, 7, '', 'x'.repeat(300_000), Symbol('s')]) {
          let reads = 0;
          const get = (): unknown => (reads++ < after ? 'short' : later);
          agent.put({ body: 'body', headers: Object.defineProperty(['name', ''], 1, { get, enumerable: true }) });
          agent.put({
            body: 'body',
            headers: new Proxy(['name', 'value'], {
              get: (list, key, self) => (key === '1' ? get() : Reflect.get(list, key, self)),
            }),
          });
          balance(agent.stats());
        }
      }
      for (let index = 0; index < 500; index++) agent.put({ headers: { n: String(index) }, body: `good ${index}` });
      assert.equal((await agent.flush()).queued, 0);
      assert.equal(lastBody(source), 'good 499');
      await agent.close();
    });
  });

  it('logger.info() of winston', async () => {
    await withSource(async (source, agents) => {
      // A format that leaves everything as it is, so that all of it reaches the transport.
      for (const format of [winston.format.json(), winston.format((info) => info)(), winston.format.simple()]) {
        const transport = new FlumeTransport({ agents, headerFields: { field: 'message.a' } });
        transport.on('warn', () => {});
        const logger = winston.createLogger({ format, transports: [transport] });
        const alone = winston.createLogger({ format, transports: [new NullTransport()] });
        const log = (name: string, make: () => unknown): void => {
          for (const shape of shapes(make)) {
            const withUs = threw(() => (logger.info as Log)(...shape()));
            const without = threw(() => (alone.info as Log)(...shape()));
            if (withUs !== undefined) assert.notEqual(without, undefined, `${name}: ${inspect(withUs)}`);
          }
        };
        const good = async (after: string): Promise<void> => {
          logger.info(`good after ${after}`);
          assert.equal((await transport.flush()).queued, 0, after);
          assert.match(lastBody(source), /good after/, after);
        };
        for (const [name, make] of Object.entries(hostileValues)) {
          log(name, make);
          assert.equal(
            threw(() => transport.log(make())),
            undefined,
            name,
          );
          await good(name);
        }
        logger.info('x'.repeat(hundredMegabytes));
        await good('100 MB');
        let count = 0;
        await fc.assert(
          fc.asyncProperty(anything, async (value) => {
            log('anything', value);
            assert.equal(
              threw(() => transport.log(value())),
              undefined,
            );
            if (++count % 50 === 0) await good(`record ${count}`);
          }),
          { numRuns: Math.ceil(runs / 3), seed },
        );
        balance(transport.stats());
        logger.end();
        await once(logger, 'finish');
        alone.end();
      }
    });
  });

  it('logger.info() of pino, in process', async () => {
    await withSource(async (source, agents) => {
      const stream = pinoFlume({ agents, headerFields: { field: 'a.b' } });
      stream.on('warning', () => {});
      const logger = pino({}, stream);
      const alone = pino({}, new Writable({ write: (_chunk, _encoding, done) => done() }));
      const log = (name: string, make: () => unknown): void => {
        for (const shape of shapes(make)) {
          const withUs = threw(() => (logger.info as Log)(...shape()));
          const without = threw(() => (alone.info as Log)(...shape()));
          if (withUs !== undefined) assert.notEqual(without, undefined, `${name}: ${inspect(withUs)}`);
        }
      };
      const good = async (after: string): Promise<void> => {
        logger.info(`good after ${after}`);
        assert.equal((await stream.flush()).queued, 0, after);
        assert.match(lastBody(source), /good after/, after);
      };
      for (const [name, make] of Object.entries(hostileValues)) {
        log(name, make);
        await good(name);
      }
      logger.info('x'.repeat(hundredMegabytes));
      await good('100 MB');
      let count = 0;
      await fc.assert(
        fc.asyncProperty(anything, async (value) => {
          log('anything', value);
          if (++count % 50 === 0) await good(`record ${count}`);
        }),
        { numRuns: runs, seed },
      );
      balance(stream.stats());
      stream.end();
      await once(stream, 'close');
    });
  });
});

type Log = (...values: unknown[]) => void;

/** The ways to give a value to a logger. */
const shapes = (make: () => unknown): (() => unknown[])[] => [
  () => [make()],
  () => ['text', make()],
  () => [make(), 'text'],
  () => [{ level: 'info', message: make() }],
  () => [{ a: make(), message: 'text' }],
];

class NullTransport extends TransportStream {
  override log(_info: unknown, done: () => void): void {
    done();
  }
}
