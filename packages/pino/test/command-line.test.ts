import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { startDevAgent } from 'flume-dev-agent';
import { readFlags } from 'flume-thrift-client/commands';
import { commandOf, outline } from '../src/command-line.ts';
import { resolveOptions } from '../src/options.ts';
import { command, unusedPort } from './child.ts';

const cli = path.join(import.meta.dirname, '../dist/cli.cjs');
const record = (n: number): string => `{"level":30,"time":1731234567890,"req":{"id":"r${n}"},"msg":"ünïcode ${n}"}`;

test('options', () => {
  const line =
    '--agent a:1 --agent b:2 --header app=checkout --header-field id=req.id --preset log4j --linger-ms 0 ' +
    '--channel-capacity 9 --close-timeout-ms 60000 --body message --message-key text --map ./m.mjs --tee';
  const { options, ...own } = commandOf(readFlags(outline, line.split(' ')), { FLUME_PROTOCOL: 'binary' });
  const { delivery, record: records } = options;
  assert.deepEqual(own, { tee: true, drop: false });
  assert.equal(options.own.messageKey, 'text');
  assert.deepEqual(
    [delivery.agents, delivery.headers, delivery.protocol, delivery.lingerMs],
    [['a:1', 'b:2'], { app: 'checkout' }, 'binary', 0],
  );
  assert.deepEqual([delivery.channel, delivery.closeTimeoutMs], [{ type: 'memory', capacity: 9 }, 60_000]);
  assert.deepEqual(
    [records.headerFields, records.preset, records.body, records.map],
    [{ id: 'req.id' }, 'log4j', { tag: 'message' }, './m.mjs'],
  );
});

test("the README's three spellings of an option mean the same", async () => {
  const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([^`]+)` \| `(--[^`]+)` \| `(FLUME_[^`]+)` \|$/gm)];
  assert.ok(rows.length > 3, 'rows');
  for (const [, inFile = '', flags = '', variable = ''] of rows) {
    const [name = '', value = ''] = variable.split(/=(.*)/);
    const fromFlags = commandOf(readFlags(outline, flags.split(' ')), {});
    assert.deepEqual(commandOf(readFlags(outline, []), { [name]: value }), fromFlags, variable);
    const options = runInNewContext(`({ ${inFile} })`) as { channel?: object };
    if (options.channel !== undefined) options.channel = { type: 'file', ...options.channel };
    const { delivery } = resolveOptions(structuredClone(options), 'command line');
    assert.deepEqual(delivery, fromFlags.options.delivery, inFile);
  }
});

test('bad usage is one line and status 2', async () => {
  const table: [string[], string][] = [
    [['--agnet', 'a:1'], "pino-flume: Unknown option '--agnet', did you mean --agent? (--help shows examples)\n"],
    [['stray'], "pino-flume: Unexpected argument 'stray'"],
    [['--header', 'app'], "pino-flume: --header: expected name=value, got 'app' (--help shows examples)\n"],
    [['--batch-size', 'x'], 'pino-flume: --batch-size: expected an integer >= 1, got "x" (--help shows examples)\n'],
    [['--agent', 'a:0'], 'pino-flume: --agent: expected a port of 1 to 65535, got 0 (--help shows examples)\n'],
    [
      ['--agent', 'a:1', '--path', '/s'],
      'pino-flume: --agent: expected no host, port or path beside it (--help shows examples)\n',
    ],
    [['--map', '/no/such.mjs'], 'pino-flume: map: cannot load "/no/such.mjs": Cannot find module'],
  ];
  await Promise.all(
    table.map(async ([args, text]) => {
      const { code, stdout, stderr } = await command(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.ok(stderr.startsWith(text), stderr);
      assert.equal(stderr.split('\n').length, 2);
    }),
  );
});

test("flags of other transports' commands are met with ours", () => {
  const table: Readonly<Record<string, string>> = {
    url: '--agent',
    hostname: '--agent',
    node: '--agent',
    labels: '--header',
    propsToLabels: '--header-field',
    interval: '--linger-ms',
    batch: '--batch-size',
    timeout: '--request-timeout-ms',
    customLevels: '--level',
  };
  for (const [flag, ours] of Object.entries(table)) {
    const message = `Unknown option '--${flag}', here it is ${ours}`;
    assert.throws(() => readFlags(outline, [`--${flag}`, 'x']), { message });
  }
  assert.equal(readFlags(outline, ['-c', 'flume.json']).text('config'), 'flume.json');
});

test('help and version', async () => {
  const help = await command(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /node app\.js \| pino-flume --agent flume-1:4141/);
  assert.match((await command(['-v'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('lines go to the agent, and with --tee to the output, byte for byte', async () => {
  await using agent = await startDevAgent({ port: 0, latencyMs: 30 });
  const lines = [...Array(1_000).keys()].map(record);
  const bytes = Buffer.concat([
    Buffer.from(`${lines.join('\n')}\n`),
    Buffer.from([0x66, 0xff, 0x00]),
    Buffer.from(' end'),
  ]);
  const chunks = [...Array(Math.ceil(bytes.length / 997)).keys()].map((n) => bytes.subarray(n * 997, n * 997 + 997));
  const args = [
    '--agent',
    `127.0.0.1:${agent.port}`,
    '--header',
    'app=checkout',
    '--header-field',
    'id=req.id',
    '--tee',
  ];
  const { code, stdout, stderr } = await command(args, Readable.from(chunks));
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(stdout, bytes.toString());
  const bodies = agent.events.map(({ body }) => body);
  assert.deepEqual(new Set(bodies.slice(0, -1).map(String)), new Set(lines));
  assert.ok(bodies.some((body) => body.equals(Buffer.from([0x66, 0xff, 0x00, 0x20, 0x65, 0x6e, 0x64]))));
  const { headers } = agent.events.find(({ body }) => String(body) === lines[7]) ?? {};
  assert.deepEqual([headers?.app, headers?.id, headers?.level], ['checkout', 'r7', 'info']);
});

test('no agent: status 1, what was left, in time', async () => {
  const { code, stderr, ms } = await command(
    ['--agent', `127.0.0.1:${await unusedPort()}`, '--close-timeout-ms', '300'],
    `${record(1)}\n`,
  );
  assert.equal(code, 1);
  assert.match(stderr, /pino-flume: of 1 records 0 were delivered, 0 dropped, 1 left\n$/);
  assert.ok(ms < 2_500, `${ms} ms`);
});

test('a full channel makes the writer wait, or drops where that is wanted', async () => {
  await using agent = await startDevAgent({ port: 0, latencyMs: 5 });
  const input = `${[...Array(500).keys()].map(record).join('\n')}\n`;
  const args = ['--agent', `127.0.0.1:${agent.port}`, '--channel-capacity', '20'];
  const waited = await command(args, input);
  assert.deepEqual([waited.code, waited.stderr, agent.received], [0, '', 500]);
  const dropped = await command([...args, '--drop'], input);
  assert.equal(dropped.code, 1);
  assert.match(dropped.stderr, /of 500 records \d+ were delivered, \d+ dropped, 0 left\n$/);
});

test('options from a file and the environment', async () => {
  await using agent = await startDevAgent({ port: 0 });
  const folder = await mkdtemp(path.join(tmpdir(), 'pino-flume-'));
  try {
    const file = path.join(folder, 'flume.mjs');
    await writeFile(file, `export default { agents: ['127.0.0.1:1'], headers: { app: 'file', stage: 'test' } };\n`);
    const environment = { ...process.env, FLUME_AGENTS: `127.0.0.1:${agent.port}`, FLUME_HEADER_FIELDS: 'id=req.id' };
    const child = spawn(process.execPath, [cli, '--config', file, '--header', 'app=flag'], { env: environment });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.end(`${record(1)}\n`);
    assert.deepEqual([await once(child, 'close'), stderr], [[0, null], '']);
    const { app, stage, id } = agent.events[0]?.headers ?? {};
    assert.deepEqual([app, stage, id], ['flag', 'test', 'r1']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the file channel: what Flume has not got yet waits for the next one', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'pino-flume-'));
  try {
    const args = ['--channel-dir', folder, '--close-timeout-ms', '200'];
    const first = await command(
      ['--agent', `127.0.0.1:${await unusedPort()}`, ...args],
      `${record(1)}\n${record(2)}\n`,
    );
    assert.equal(first.code, 0);
    assert.match(first.stderr, /pino-flume: 2 records wait in files, for the next one that has this --channel-dir\n/);
    await using agent = await startDevAgent({ port: 0 });
    const next = await command(['--agent', `127.0.0.1:${agent.port}`, '--channel-dir', folder], `${record(3)}\n`);
    assert.deepEqual([next.code, next.stderr], [0, '']);
    assert.equal(agent.received, 3);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('without an agent the writer waits, and SIGTERM ends the wait in time', async () => {
  const args = ['--agent', `127.0.0.1:${await unusedPort()}`, '--channel-capacity', '5', '--close-timeout-ms', '300'];
  const child = spawn(process.execPath, [cli, ...args], { stdio: 'pipe' });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {});
  // More than the pipe and one chunk hold: what is not read stays with the writer.
  const written = 4 * 1024 * 1024;
  assert.equal(child.stdin.write(`${record(1)}\n`.repeat(Math.ceil(written / record(1).length))), false);
  while (!stderr.includes('cannot connect')) await once(child.stderr, 'data');
  await delay(200);
  assert.ok(child.stdin.writableLength > 0, 'the writer waits');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'close'), [1, null]);
  const [, accepted, dropped, left] =
    /of (\d+) records 0 were delivered, (\d+) dropped, (\d+) left\n$/.exec(stderr)?.map(Number) ?? [];
  assert.deepEqual([accepted, left], [(dropped ?? 0) + 5, 5]);
});

test('--tee goes on to Flume when the reader of the copy has left', async () => {
  await using agent = await startDevAgent({ port: 0 });
  const child = spawn(process.execPath, [cli, '--agent', `127.0.0.1:${agent.port}`, '--tee'], { stdio: 'pipe' });
  child.stdin.write(`${record(1)}\n`);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.end(`${record(2)}\n`.repeat(5_000));
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal(agent.received, 5_001);
});

test('the first interrupt is for the application, the second ends; SIGTERM drains', async () => {
  await using agent = await startDevAgent({ port: 0 });
  const started = async (port: number): Promise<{ child: ReturnType<typeof spawn>; stderr: () => string }> => {
    const child = spawn(process.execPath, [cli, '--agent', `127.0.0.1:${port}`, '--linger-ms', '1', '--tee'], {
      stdio: 'pipe',
    });
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += text));
    child.stdin.write(`${record(1)}\n`);
    // The copy says that the signals are listened for.
    await once(child.stdout, 'data');
    return { child, stderr: () => stderr };
  };

  const patient = await started(agent.port);
  patient.child.kill('SIGINT');
  patient.child.stdin?.write(`${record(2)}\n`);
  await agent.waitFor(2);
  patient.child.stdin?.end();
  assert.deepEqual(await once(patient.child, 'close'), [0, null]);

  const ended = await started(agent.port);
  await agent.waitFor(3);
  ended.child.kill('SIGTERM');
  assert.deepEqual(await once(ended.child, 'close'), [0, null]);

  const stuck = await started(await unusedPort());
  const closed = once(stuck.child, 'close');
  // Two signals that come together are one.
  const again = setInterval(() => stuck.child.kill('SIGINT'), 20);
  assert.deepEqual(await closed, [130, null]);
  clearInterval(again);
  assert.match(stuck.stderr(), /of 1 records 0 were delivered, 0 dropped, 1 left/);
});

test('a byte order mark, CRLF and a line beyond every limit', async () => {
  await using agent = await startDevAgent({ port: 0 });
  const long = `{"level":30,"time":1731234567890,"msg":"${'x'.repeat(30_000_000)}"}`;
  const input = Readable.from([
    `\ufeff${record(0)}\r\n`,
    '\r\n\r\n',
    `${record(1)}\r\n`,
    long,
    '\r\n',
    record(2),
    '\r\n',
  ]);
  const { code, stderr } = await command(['--agent', `127.0.0.1:${agent.port}`, '--max-in-flight', '1'], input);
  assert.deepEqual([code, stderr], [0, '']);
  const bodies = agent.events.map(({ body }) => String(body));
  assert.deepEqual([bodies[0], bodies[1], bodies[3], bodies.length], [record(0), record(1), record(2), 4]);
  const [first, , cut] = agent.events.map(({ headers }) => headers);
  assert.deepEqual([first?.level, first?.timestamp], ['info', '1731234567890']);
  assert.deepEqual([cut?.level, cut?.timestamp, cut?.truncated], ['info', '1731234567890', String(long.length)]);
});
