import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import { type Logs, logs, type Outcome, unusedPort } from './child.ts';

const pinos = ['pino', 'pino9'] as const;
const programs = path.join(import.meta.dirname, 'programs');
const flushNotice = /logger\.flush\(\) does not wait for Flume here/;

interface Delivered extends Outcome {
  readonly bodies: string[];
  readonly headers: Record<string, string>[];
}

/** Runs the program against an agent that is 30 ms away. */
async function delivered(how: Partial<Logs>): Promise<Delivered> {
  await using agent = await startDevAgent({ port: 0, latencyMs: 30, keepEvents: Infinity });
  const { options, ...rest } = how;
  const outcome = await logs({
    pino: 'pino',
    way: 'worker',
    count: 1_000,
    end: 'by itself',
    options: { agents: `127.0.0.1:${agent.port}`, ...options },
    ...rest,
  });
  const headers = agent.events.map((event) => event.headers);
  return { ...outcome, bodies: agent.events.map(({ body }) => String(body)), headers };
}

function assertInOrder({ bodies }: Delivered, count: number): void {
  assert.deepEqual(
    bodies.map((body) => JSON.parse(body).n),
    [...Array(count).keys()],
  );
}

for (const pino of pinos) {
  for (const end of ['by itself', 'exit', 'throw'] as const) {
    test(`${pino}, worker, ends ${end}: all arrives`, async () => {
      // In order, since one batch is in flight at a time.
      const outcome = await delivered({ pino, end, options: { maxInFlight: 1 } });
      assert.equal(outcome.code, end === 'throw' ? 1 : 0);
      assertInOrder(outcome, 1_000);
      if (pino === 'pino') assert.doesNotMatch(outcome.stderr, flushNotice);
    });
  }

  test(`${pino}, one of several targets: all arrives`, async () => {
    const outcome = await delivered({ pino, way: 'targets', end: 'exit', options: { maxInFlight: 1 } });
    assertInOrder(outcome, 1_000);
  });

  test(`${pino}, worker: levels and message key of its own`, async () => {
    const settings = { name: 'shop', customLevels: { notice: 35 }, level: 'notice', messageKey: 'text' };
    const outcome = await delivered({ pino, count: 0, settings, options: { body: 'message' } });
    assert.deepEqual(outcome.bodies, []);
    const info = await delivered({
      pino,
      count: 1,
      settings: { ...settings, customLevels: { info: 33 }, level: 'info', useOnlyCustomLevels: true },
      options: { body: 'message' },
    });
    assert.deepEqual(info.bodies, ['hello']);
    assert.deepEqual([info.headers[0]?.level, info.headers[0]?.logger], ['info', 'shop']);
  });

  test(`${pino}, worker: 100,000 records of many bytes per character, in order, byte for byte`, async () => {
    const text = 'Grüße, 日本語, привет';
    const outcome = await delivered({
      pino,
      count: 100_000,
      text,
      settings: { base: null, timestamp: false },
      options: { batchSize: 2_000, maxInFlight: 1, channel: { capacity: 200_000 }, closeTimeoutMs: 9_000 },
    });
    assert.equal(outcome.bodies.length, 100_000);
    const wrong = outcome.bodies.findIndex((body, n) => body !== `{"level":30,"n":${n},"msg":"${text}"}`);
    assert.equal(wrong, -1, outcome.bodies[wrong]);
  });

  for (const way of ['worker', 'targets', 'in process'] as const) {
    test(`${pino}, ${way}: an idle process ends at once`, async () => {
      const outcome = await logs({ pino, way, count: 0, end: 'by itself', options: { port: await unusedPort() } });
      assert.equal(outcome.code, 0);
      assert.ok(outcome.ms < 8_000, `${outcome.ms} ms`);
    });
  }

  for (const end of ['by itself', 'exit', 'throw'] as const) {
    test(`${pino}, worker, no agent, ends ${end}: in time, and says what is left`, async () => {
      const options = { port: await unusedPort(), closeTimeoutMs: 700 };
      const outcome = await logs({ pino, way: 'worker', count: 10, end, options });
      assert.equal(outcome.code, end === 'throw' ? 1 : 0);
      assert.match(outcome.stderr, /flume: 10 events were not delivered: .*ECONNREFUSED/);
      assert.ok(outcome.ms > 600 && outcome.ms < 9_000, `${outcome.ms} ms`);
    });
  }
}

for (const end of ['by itself', 'exit', 'throw'] as const) {
  test(`worker, an agent that is too slow, ends ${end}: in time, and says what is left`, async () => {
    await using agent = await startDevAgent({ port: 0, latencyMs: 400 });
    const options = { port: agent.port, closeTimeoutMs: 700 };
    const outcome = await logs({ pino: 'pino', way: 'worker', count: 1_000, end, options });
    assert.equal(outcome.code, end === 'throw' ? 1 : 0);
    assert.match(outcome.stderr, /flume: \d+ events were not delivered: Flume agent .*: no answer yet/);
    assert.ok(outcome.ms < 9_000, `${outcome.ms} ms`);
  });
}

test('worker: logger.flush(callback), then exit: acknowledged before', async () => {
  const outcome = await delivered({ end: 'exit after flush', options: { closeTimeoutMs: 0 } });
  assert.equal(outcome.code, 0);
  assert.equal(outcome.bodies.length, 1_000);
});

test('in process: logger.flush(callback), then exit: acknowledged before', async () => {
  for (const pino of pinos) {
    const outcome = await delivered({ pino, way: 'in process', end: 'exit after flush' });
    assert.equal(outcome.code, 0);
    assert.equal(outcome.bodies.length, 1_000);
    assert.equal(outcome.stderr, '');
  }
});

test('in process, ends by itself: all arrives', async () => {
  assert.equal((await delivered({ way: 'in process' })).bodies.length, 1_000);
});

test('in process, exit without flush: says what is left', async () => {
  const options = { port: await unusedPort(), closeTimeoutMs: 700 };
  const outcome = await logs({ pino: 'pino', way: 'in process', count: 10, end: 'exit', options });
  assert.match(outcome.stderr, /flume: 10 events were not delivered/);
});

test('the notice is for those whom it concerns', async () => {
  const runs: [Partial<Logs>, boolean][] = [
    [{ way: 'worker' }, false],
    [{ way: 'one of targets' }, false],
    [{ pino: 'pino9' }, true],
    [{ way: 'targets' }, true],
    [{ way: 'one of targets', targetLevel: 'info' }, true],
    [{ way: 'pipeline' }, true],
  ];
  for (const [how, noticed] of runs) {
    // A process that ends at once does not live to hear it.
    const outcome = await delivered({ ...how, count: 20, end: noticed ? 'stay until warned' : 'by itself' });
    assert.equal(outcome.bodies.length, 20, JSON.stringify(how));
    assert.equal(outcome.stderr.split(flushNotice).length - 1, noticed ? 1 : 0, outcome.stderr);
  }
});

test('a transport that no logger uses does not keep the process', async () => {
  for (const pino of pinos) {
    const outcome = await logs({ pino, way: 'worker', count: 0, end: 'unused', options: {} });
    assert.equal(outcome.code, 0);
    assert.ok(outcome.ms < 3_500, `${outcome.ms} ms`);
  }
});

test('loaded after a target that took the config, it does without', async () => {
  for (const pino of pinos) assertInOrder(await delivered({ pino, way: 'late', count: 20 }), 20);
});

test('worker: a map module, ESM or CommonJS, or a wrapper that brings a function', async () => {
  const esm = await delivered({ count: 4, options: { map: path.join(programs, 'map.mjs') } });
  assert.deepEqual(esm.bodies, ['hello', 'hello']);
  assert.deepEqual(
    esm.headers.map(({ n }) => n),
    ['0', '2'],
  );
  const commonjs = await delivered({ count: 2, options: { map: path.join(programs, 'map.cjs') } });
  assert.deepEqual(
    commonjs.headers.map(({ n }) => n),
    ['0', '1'],
  );
  for (const pino of pinos) {
    const wrapped = await delivered({ pino, way: 'wrapper', count: 1, end: 'exit' });
    assert.deepEqual(wrapped.bodies, ['wrapped hello']);
  }
});

test('worker: a map module in TypeScript, with tsx in the worker too', async () => {
  const map = path.join(programs, 'map.ts');
  for (const pino of pinos) {
    const worker = { execArgv: ['--import', 'tsx'] };
    assert.deepEqual((await delivered({ pino, count: 1, worker, options: { map } })).bodies, ['typed hello']);
  }
  // Node.js 22.18 and later take the types away themselves.
  const { bodies, stderr } = await delivered({ count: 1, options: { map } });
  if ((process.features as { typescript?: unknown }).typescript !== undefined)
    assert.deepEqual(bodies, ['typed hello']);
  else assert.match(stderr, /map: cannot load .*; TypeScript wants Node\.js 22\.18 or later, or tsx in the worker too/);
});

test('worker: a wrong option or a map that is not there ends the process, and says why', async () => {
  const wrong = await delivered({ count: 1, options: { closeTimeoutMs: 15_000 } });
  assert.notEqual(wrong.code, 0);
  assert.match(
    wrong.stderr,
    /closeTimeoutMs: expected at most 9000 in a worker, which pino ends after 10 s, got 15000/,
  );
  const missing = await delivered({ count: 1, options: { map: '/no/such/map.mjs' } });
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /map: cannot load "\/no\/such\/map\.mjs"/);
  const relative = await delivered({ count: 1, options: { map: './no-map.mjs' } });
  assert.match(
    relative.stderr,
    /map: cannot load "\.\/no-map\.mjs": .*new URL\('\.\/no-map\.mjs', import\.meta\.url\)\.href/,
  );
});

test('worker: a wrong option keeps its name and code on the way to the application', async () => {
  const runs = [
    ['pino', 'worker'],
    ['pino', 'targets'],
    ['pino9', 'wrapper'],
  ] as const;
  for (const [pino, way] of runs) {
    const outcome = await delivered({ pino, way, count: 0, end: 'tell error', options: { closeTimeoutMs: 15_000 } });
    const [line = ''] = outcome.stdout.split('\n');
    assert.deepEqual(JSON.parse(line), {
      name: 'FlumeError',
      code: 'ERR_FLUME_OPTION',
      message: 'closeTimeoutMs: expected at most 9000 in a worker, which pino ends after 10 s, got 15000',
    });
  }
});

test('worker: the counts are events of the transport', async () => {
  for (const [pino, way] of [
    ['pino', 'worker'],
    ['pino9', 'targets'],
    ['pino', 'in process'],
  ] as const) {
    const outcome = await delivered({ pino, way, count: 50, end: 'tell stats', options: { statsIntervalMs: 20 } });
    assert.equal(outcome.code, 0, outcome.stderr);
    const lines = outcome.stdout
      .trim()
      .split('\n')
      .filter((line) => !line.includes('FLUME_NOTICE'));
    const { accepted, delivered: arrived, filtered, queued, agents } = JSON.parse(lines.at(-1) ?? '');
    assert.deepEqual([accepted, arrived, filtered, queued], [50, 50, 0, { events: 0, bytes: 0 }]);
    assert.equal(agents.length, 1);
  }
});

test('behind pino.multistream flush does not wait, and a warning says so', async () => {
  for (const pino of pinos) {
    const { stderr, bodies } = await delivered({ pino, way: 'multistream', count: 20 });
    assert.equal(bodies.length, 20);
    assert.equal(
      stderr.split(/logger\.flush\(\) does not wait for Flume behind pino\.multistream\(\)/).length,
      2,
      stderr,
    );
  }
});

test('worker: what the agent warns of is a warning of the process and an event of the transport', async () => {
  for (const pino of pinos) {
    const options = { port: await unusedPort(), closeTimeoutMs: 0, lingerMs: 10 };
    const outcome = await logs({ pino, way: 'worker', count: 1, end: 'stay until warned', options });
    assert.match(outcome.stderr, /Warning: pino-flume: .*(ECONNREFUSED|logger\.flush)/);
    const [warning] = outcome.stdout.split('\n').map((line) => (line === '' ? {} : JSON.parse(line)));
    assert.match(warning.code, /^(ERR_FLUME_CONNECT|FLUME_NOTICE)$/);
    assert.equal(typeof warning.message, 'string');
  }
});
