// Smoke test of the harness: each version of Flume starts, takes events, stores them, and leaves nothing behind.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startFlumeAgent } from './flume-agent.ts';
import { createKeystore } from './keystore.ts';
import { flumeVersions, installFlume } from './maven.ts';
import { freePorts } from './ports.ts';
import { appendBatchFrame, appendFrame, connectRaw } from './thrift-calls.ts';

const event = { headers: { app: 'smoke' }, body: 'a single one' };
const batch = [
  { headers: {}, body: 'first of a batch' },
  { headers: { level: 'info', ключ: '値' }, body: 'é € 😀' },
];

for (const version of flumeVersions) {
  for (const protocol of ['compact', 'binary'] as const) {
    test(`Flume ${version}, ${protocol}: takes an append and an appendBatch and writes their bodies`, async (t) => {
      const agent = await startFlumeAgent({ version, protocol });
      t.after(() => agent.stop());
      const connection = await connectRaw(agent.port, { protocol });
      t.after(() => connection.close());

      const appended = await connection.call(appendFrame(event, { protocol, seqid: 7 }));
      assert.deepEqual(appended, { name: 'append', seqid: 7, status: 0 });
      const batched = await connection.call(appendBatchFrame(batch, { protocol, seqid: 8 }));
      assert.deepEqual(batched, { name: 'appendBatch', seqid: 8, status: 0 });

      const { source } = await agent.metricsWhen(({ sink }) => sink.EventDrainSuccessCount === 3);
      assert.equal(source.EventAcceptedCount, 3);
      assert.equal(source.AppendAcceptedCount, 1);
      assert.equal(source.AppendBatchAcceptedCount, 1);
      assert.equal(agent.delivered().toString(), 'a single one\nfirst of a batch\né € 😀\n');
    });
  }

  test(`Flume ${version}: a file channel keeps its events over kill -9 and a restart on the same port`, async (t) => {
    // A sink that reaches nobody, so that nothing leaves the channel.
    const [nobody] = (await freePorts(1)) as [number];
    const sink = { type: 'thrift', host: '127.0.0.1', port: nobody } as const;
    const agent = await startFlumeAgent({ version, channel: 'file', sink });
    t.after(() => agent.stop());
    const connection = await connectRaw(agent.port);
    t.after(() => connection.close());
    const { status } = await connection.call(appendBatchFrame(batch));
    assert.equal(status, 0);

    const { pid, port } = agent;
    await agent.kill();
    await assert.rejects(connectRaw(port), { code: 'ECONNREFUSED' });
    await agent.restart();

    assert.notEqual(agent.pid, pid);
    assert.equal(agent.port, port);
    const { channel } = await agent.metricsWhen(({ channel }) => channel.ChannelSize === 2);
    assert.equal(channel.ChannelSize, 2);
  });

  test(`Flume ${version}: speaks TLS`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-keystore-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const tls = createKeystore(folder);
    const agent = await startFlumeAgent({ version, tls, sink: { type: 'null' } });
    t.after(() => agent.stop());
    const connection = await connectRaw(agent.port, { ca: tls.certificate });
    t.after(() => connection.close());
    const { status } = await connection.call(appendFrame(event));
    assert.equal(status, 0);
    // Before the agent stops: with TLS it gives open connections 5 s.
    connection.close();
  });
}

test('an agent that dies at its start rejects with the end of its log', async () => {
  await assert.rejects(startFlumeAgent({ jvmOptions: ['-XX:NoSuchOption'] }), /ended before it served.*NoSuchOption/s);
});

test('an agent that cannot run as configured rejects with the end of its log', async () => {
  // Flume's Thrift source wants the name of a protocol that it knows.
  const started = startFlumeAgent({ properties: { 'sources.r1.protocol': 'json' } });
  await assert.rejects(started, /cannot run as configured.*protocol/s);
});

test('a port that is taken rejects at once', async (t) => {
  const other = net.createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as net.AddressInfo;
  const folder = mkdtempSync(path.join(tmpdir(), 'flume-keystore-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const tls = createKeystore(folder);
  for (const version of flumeVersions) {
    await assert.rejects(startFlumeAgent({ version, port }), { name: 'PortTakenError' });
    await assert.rejects(startFlumeAgent({ version, port, tls }), { name: 'PortTakenError' });
  }
});

test('stop removes the process and the folder, and may be called twice', async () => {
  const agent = await startFlumeAgent({ sink: { type: 'null' } });
  const { pid, directory } = agent;
  await Promise.all([agent.stop(), agent.stop()]);
  assert.equal(agent.pid, undefined);
  assert.ok(!isRunning(Number(pid)));
  assert.ok(!existsSync(directory));
});

test('an agent does not outlive the process that started it, even one that is killed', async (t) => {
  const script = `
    import { startFlumeAgent } from './test/flume/flume-agent.ts';
    const { pid, directory } = await startFlumeAgent({ sink: { type: 'null' } });
    console.log(JSON.stringify({ pid, directory }));
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(starter.stdout.setEncoding('utf8'), 'data')) as [string];
  const { pid, directory } = JSON.parse(line) as { pid: number; directory: string };
  // Where what is tested here is broken, nothing else would end the agent.
  t.after(() => {
    starter.kill('SIGKILL');
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  assert.ok(isRunning(pid));
  starter.kill('SIGKILL');
  const deadline = Date.now() + 10_000;
  while ((isRunning(pid) || existsSync(directory)) && Date.now() < deadline) await delay(20);
  assert.ok(!isRunning(pid));
  assert.ok(!existsSync(directory));
});

const jdkTools = ['java', 'javac', 'keytool'];
for (const [missing, present, needed] of [
  ['java', [], /java not found: .*openjdk/],
  ['mvn', jdkTools, /mvn not found: .*install maven/],
] as const) {
  test(`without ${missing}, the installation fails with one line that says what to install`, async (t) => {
    const { PATH, JAVA_HOME } = process.env;
    const bin = mkdtempSync(path.join(tmpdir(), 'flume-path-'));
    t.after(() => {
      process.env.PATH = PATH;
      if (JAVA_HOME !== undefined) process.env.JAVA_HOME = JAVA_HOME;
      rmSync(bin, { recursive: true });
    });
    delete process.env.JAVA_HOME;
    for (const tool of present) {
      const found = execFileSync('sh', ['-c', `command -v "\${JAVA_HOME:+$JAVA_HOME/bin/}${tool}"`], {
        encoding: 'utf8',
        env: { PATH, JAVA_HOME },
      });
      symlinkSync(found.trim(), path.join(bin, tool));
    }
    process.env.PATH = bin;
    await assert.rejects(installFlume('1.11.0', path.join(bin, 'cache')), (error: Error) => {
      assert.match(error.message, needed);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
