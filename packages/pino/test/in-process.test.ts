import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { type DevAgent, startDevAgent } from 'flume-dev-agent';
import type { FlumeError, Report } from 'flume-thrift-client';
import type { pino as Pino } from 'pino';
import pinoFlume, { type PinoFlumeInProcessOptions, type PinoFlumeStats, type PinoFlumeStream } from '../src/index.ts';
import { unusedPort } from './child.ts';

const require = createRequire(import.meta.url);
const pinos: Record<string, typeof Pino> = { 'pino 9': require('pino9'), 'pino 10': require('pino') };

interface Bench {
  readonly agent: DevAgent;
  readonly stream: PinoFlumeStream;
}

async function withStream(options: PinoFlumeInProcessOptions, body: (bench: Bench) => Promise<void>): Promise<void> {
  await using agent = await startDevAgent({ port: 0 });
  const stream = pinoFlume({ agents: `127.0.0.1:${agent.port}`, ...options });
  const errors: unknown[] = [];
  stream.on('error', (error) => errors.push(error));
  try {
    await body({ agent, stream });
  } finally {
    stream.destroy();
    if (!stream.closed) await once(stream, 'close');
  }
  assert.deepEqual(errors, []);
}

for (const [version, pino] of Object.entries(pinos)) {
  it(`${version}: records arrive, byte for byte, with pino's own levels and message key`, async () => {
    await withStream({ headerFields: { id: 'req.id' } }, async ({ agent, stream }) => {
      const written: string[] = [];
      const { write } = stream;
      stream.write = ((line: string) => {
        written.push(line);
        return write(line);
      }) as typeof write;
      const logger = pino({ name: 'shop', customLevels: { notice: 35 } }, stream);
      logger.notice({ req: { id: 'r1' } }, 'hällo 🚀');
      logger.child({ part: 'x' }).error('oops');
      await new Promise<void>((resolve) => logger.flush(() => resolve()));
      assert.deepEqual(
        agent.events.map(({ body }) => `${String(body)}\n`),
        written,
      );
      assert.equal(written.length, 2);
      const [notice, error] = agent.events.map(({ headers }) => headers);
      assert.deepEqual([notice?.level, notice?.id, notice?.logger], ['notice', 'r1', 'shop']);
      assert.deepEqual([error?.level, error?.id, error?.logger], ['error', undefined, 'shop']);
    });
  });

  it(`${version}: message as the body, from pino's message key`, async () => {
    await withStream({ body: 'message' }, async ({ agent, stream }) => {
      pino({ messageKey: 'text' }, stream).info('hello');
      await stream.flush();
      assert.deepEqual(
        agent.events.map(({ body }) => String(body)),
        ['hello'],
      );
    });
  });

  it(`${version}: times and levels of every kind`, async () => {
    await withStream({}, async ({ agent, stream }) => {
      const before = Date.now();
      pino({ timestamp: pino.stdTimeFunctions.isoTime }, stream).info('iso');
      pino({ timestamp: false }, stream).info('none');
      pino({ formatters: { level: (level) => ({ level }) } }, stream).warn('label');
      pino({ formatters: { level: (level) => ({ severity: level }) } }, stream).warn('severity');
      await stream.flush();
      const levels = agent.events.map(({ headers }) => headers.level);
      assert.deepEqual(levels, ['info', 'info', 'warn', undefined]);
      for (const { headers } of agent.events) {
        assert.ok(Number(headers.timestamp) >= before && Number(headers.timestamp) <= Date.now());
      }
    });
  });
}

it('map, its books, and flush as a promise', async () => {
  const map = ({ n }: { n: number }): { headers: Record<string, string> } | null => {
    if (n === 0) throw new Error('zero');
    return n === 1 ? null : { headers: { n: String(n) } };
  };
  await withStream({ map }, async ({ agent, stream }) => {
    const warned = once(stream, 'warning') as Promise<[FlumeError]>;
    const logger = pinos['pino 10']?.({}, stream);
    for (const n of [0, 1, 2, 0]) logger?.info({ n });
    const report: Report = await stream.flush();
    assert.deepEqual(report, { delivered: 3, dropped: 0, queued: 0 });
    assert.deepEqual(
      agent.events.map(({ headers }) => headers.n),
      [undefined, '2', undefined],
    );
    const { filtered, mapFailures, accepted, delivered } = stream.stats();
    assert.deepEqual(
      { filtered, mapFailures, accepted, delivered },
      { filtered: 1, mapFailures: 2, accepted: 3, delivered: 3 },
    );
    const [warning] = await warned;
    assert.match(warning.message, /map failed, the line is sent as it is: zero/);
  });
});

it('hostile lines, strings and bytes, however they are cut', async () => {
  await withStream({ maxEventBytes: 8 * 1024 * 1024, batchBytes: 8 * 1024 * 1024 }, async ({ agent, stream }) => {
    const long = JSON.stringify({ level: 30, time: 1, msg: 'ä'.repeat(2_500_000) });
    const lines = ['plain text', '{"level":', '\u0000\u0001', '{}', '[]', 'null', long, 'last, without a newline'];
    const bytes = Buffer.from(`\n\n${lines.join('\n\n')}`);
    for (let at = 0; at < bytes.length; at += 65_521) {
      assert.equal(stream.write(bytes.subarray(at, at + 65_521)), true);
    }
    stream.end();
    await once(stream, 'close');
    assert.deepEqual(
      agent.events.map(({ body }) => String(body)),
      lines,
    );
  });
});

it('write and end call back, take encodings and every kind of bytes', async () => {
  await withStream({}, async ({ agent, stream }) => {
    await new Promise<unknown>((resolve) => stream.write('6f6e650a', 'hex', resolve));
    await new Promise<unknown>((resolve) => stream.write(new TextEncoder().encode('two\nth'), resolve));
    await new Promise<void>((resolve) => stream.end('ree', 'utf8', resolve));
    await once(stream, 'close');
    assert.deepEqual(
      agent.events.map(({ body }) => String(body)),
      ['one', 'two', 'three'],
    );
    assert.equal(stream.write('late\n'), true);
    assert.equal(stream.stats().dropped.closed, 1);
  });
});

it('no agent: warnings but no error, and an end', async () => {
  const stream = pinoFlume({ agents: `127.0.0.1:${await unusedPort()}`, closeTimeoutMs: 100, flushTimeoutMs: 50 });
  const warned = once(stream, 'warning') as Promise<[FlumeError]>;
  const logger = pinos['pino 10']?.({}, stream);
  logger?.info('hello');
  assert.deepEqual(await stream.flush(), { delivered: 0, dropped: 0, queued: 1 });
  assert.equal((await warned)[0].code, 'ERR_FLUME_CONNECT');
  await new Promise<void>((resolve) => void stream.flush(resolve));
  const start = performance.now();
  stream.destroy(new Error('by a user'));
  await once(stream, 'close');
  assert.ok(performance.now() - start < 4_000);
  assert.equal(stream.stats().queued.events, 1);
});

it('without a listener a warning goes to the process; a listener that throws does no harm', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listener);
  try {
    for (const throws of [false, true]) {
      const stream = pinoFlume({ map: () => undefined as never, closeTimeoutMs: 0, lingerMs: 60_000 });
      if (throws) {
        stream.on('warning', () => {
          throw new Error('listener');
        });
      }
      const warned = once(process, 'warning');
      stream.write('{"n":1}\n');
      await warned;
      stream.end();
      await once(stream, 'close');
    }
  } finally {
    process.off('warning', listener);
  }
  assert.match(warnings[0]?.message ?? '', /^pino-flume: map failed/);
  assert.match(warnings.map(String).join('\n'), /a listener of 'warning' threw: Error: listener/);
});

it('finish means delivered, as close does', async () => {
  await using agent = await startDevAgent({ port: 0, latencyMs: 30 });
  const stream = pinoFlume({ agents: `127.0.0.1:${agent.port}` });
  stream.write('one\n');
  stream.end('two\n');
  await once(stream, 'finish');
  assert.equal(agent.received, 2);
  await once(stream, 'close');
});

it('the counts are events of the stream, the last at the end; a listener that throws does no harm', async () => {
  const seen: PinoFlumeStats[] = [];
  await withStream({ statsIntervalMs: 5 }, async ({ stream }) => {
    stream.on('flume:stats', (stats: PinoFlumeStats) => {
      seen.push(stats);
      throw new Error('listener');
    });
    const warned = once(process, 'warning') as Promise<[Error]>;
    stream.write('one\n');
    assert.match((await warned)[0].message, /a listener of 'flume:stats' threw/);
    stream.end('two\n');
    await once(stream, 'close');
  });
  assert.deepEqual([seen.at(-1)?.accepted, seen.at(-1)?.delivered], [2, 2]);
});

it('a flush in vain and the end after it have one time together', async () => {
  const runs = [
    { flushTimeoutMs: 1_000, closeTimeoutMs: 1_000, ms: 1_000 },
    { flushTimeoutMs: 500, closeTimeoutMs: 1_000, ms: 1_000 },
    { flushTimeoutMs: 1_000, closeTimeoutMs: 100, ms: 1_000 },
  ];
  const port = await unusedPort();
  await Promise.all(
    runs.map(async ({ ms, ...options }) => {
      const stream = pinoFlume({ port, ...options });
      stream.on('warning', () => {});
      stream.write('one\n');
      const start = performance.now();
      assert.equal((await stream.flush()).queued, 1);
      stream.end();
      await once(stream, 'close');
      const spentMs = performance.now() - start;
      assert.ok(spentMs > ms - 50 && spentMs < ms + 900, `${spentMs} ms of ${JSON.stringify(options)}`);
    }),
  );
});

it('what a flush in vain has not waited, the end still has', async () => {
  const stream = pinoFlume({ port: await unusedPort(), flushTimeoutMs: 10, closeTimeoutMs: 300 });
  stream.on('warning', () => {});
  stream.write('one\n');
  await stream.flush();
  await stream.flush();
  const start = performance.now();
  stream.destroy();
  await once(stream, 'close');
  assert.ok(performance.now() - start > 250);
});
