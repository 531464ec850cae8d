// Every configuration of docs/flume.md, and of the pages that show one, runs in a real agent and does what the page says.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { type CodeBlock, readPage } from '../docs/page.ts';
import { longBody, send, startDocAgent, until, written } from './doc-agent.ts';
import { startFlumeAgent } from './flume-agent.ts';
import { KafkaBroker } from './kafka-broker.ts';
import { createKeystore } from './keystore.ts';

const keys = mkdtempSync(path.join(tmpdir(), 'flume-keystore-'));
after(() => rmSync(keys, { recursive: true }));

const blocks = ['README.md', 'docs/getting-started.md', 'docs/flume.md'].flatMap((page) =>
  readPage(page)
    .blocks.filter(({ language }) => language === 'properties')
    .map((block) => ({ page, block })),
);

async function logged(block: CodeBlock): Promise<void> {
  await using agent = await startDocAgent(block);
  await send(agent, [{ headers: { level: 'info' }, body: longBody }]);
  await until(() => agent.log().includes('Event: { headers:{level=info} body: 61 20 62'), agent.log());
  assert.match(agent.log(), /a body that is l }$/m);
}

/** An HDFS sink that stands still for an event without a time writes all once it takes its own. */
async function rescue(block: CodeBlock): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flume-hdfs-'));
  try {
    const code = block.code.replaceAll(/^.*interceptors.*\n/gm, '');
    const changes = { 'hdfs://namenode:8020': `file://${folder}`, 'idleTimeout = 60': 'idleTimeout = 1' };
    await using agent = await startDocAgent({ ...block, code }, changes, 'hdfs-sink');
    const timestamp = String(Date.now());
    await send(agent, [{ body: 'without a time' }, { headers: { app: 'checkout', timestamp }, body: 'of another' }]);
    const message = 'Expected timestamp in the Flume event headers, but it was null';
    await until(() => agent.log().includes(message), agent.log());
    assert.equal(written(folder), '');

    appendFileSync(agent.configurationFile, '\na1.sinks.k1.hdfs.useLocalTimeStamp = true\n');
    await agent.restart();
    await until(() => written(folder).includes('without a time') && written(folder).includes('of another'), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What each block of docs/flume.md must do, by its heading. */
const checks: Readonly<Record<string, (block: CodeBlock) => Promise<void>>> = {
  async 'See what arrives'(block) {
    await logged(block);
    // The setting that Flume documents makes no difference.
    await logged({ ...block, code: `${block.code}\na1.sinks.k1.maxBytesToLog = 1024\n` });
  },

  async 'Outlive the agent: a file channel'(block) {
    await using agent = await startDocAgent(block);
    const out = path.join(agent.directory, 'flume');
    await agent.kill('SIGTERM');
    // Away, so that the sink cannot write and the events stay in the channel.
    rmSync(out, { recursive: true });
    await agent.restart();
    await send(
      agent,
      Array.from({ length: 250 }, (_, id) => ({ body: `event ${id}` })),
    );
    await agent.kill('SIGKILL');
    mkdirSync(out);
    await agent.restart();
    await until(() => written(out).split('\n').length > 250, 'not all events came out');
    assert.ok(written(out).includes('event 249\n'));
  },

  async 'Text files, and newlines'(block) {
    await using agent = await startDocAgent(block);
    await send(agent, [{ headers: { level: 'info', app: 'checkout' }, body: 'one\ntwo' }]);
    const out = path.join(agent.directory, 'flume');
    await until(() => written(out) !== '', 'nothing came out');
    assert.match(written(out), /^\{(level=info, app=checkout|app=checkout, level=info)\} one\ntwo\n$/);
  },

  async HDFS(block) {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-hdfs-'));
    try {
      // Closed soon, since a file is whole only then.
      const changes = { 'hdfs://namenode:8020': `file://${folder}`, 'idleTimeout = 60': 'idleTimeout = 1' };
      await using agent = await startDocAgent(block, changes, 'hdfs-sink');
      const timestamp = String(Date.UTC(2026, 10, 22, 12));
      await send(agent, [{ headers: { app: 'checkout', timestamp }, body: longBody }]);
      const day = path.join(folder, 'logs/checkout/2026-11-22');
      await until(() => agent.log().includes('Renaming'), agent.log());
      await until(() => written(day) === `${longBody}\n`, 'nothing came out');

      // The interceptor adds what is missing, and only that.
      await send(agent, [{ headers: { app: 'search' }, body: 'an event without a time' }]);
      const searched = path.join(folder, 'logs/search');
      mkdirSync(searched, { recursive: true });
      await until(() => written(searched) === 'an event without a time\n', 'nothing came out');
    } finally {
      rmSync(folder, { recursive: true });
    }
    await rescue(block);
  },

  async 'A spillable memory channel'(block) {
    await using agent = await startDocAgent(block, { 'memoryCapacity = 10000': 'memoryCapacity = 1000' });
    for (const batchSize of [100, 1_000]) {
      const events = Array.from({ length: 3_000 }, (_, id) => ({ body: `${batchSize} ${id}` }));
      await send(agent, events, { batchSize });
    }
    const out = path.join(agent.directory, 'flume');
    await until(() => written(out).split('\n').length > 6_000, 'not all events came out');
  },

  async 'A Kafka channel'(block) {
    await using broker = await KafkaBroker.start();
    await using agent = await startDocAgent(block, { 'kafka-1:9092': broker.address }, 'kafka-channel');
    await send(agent, [{ headers: { app: 'checkout' }, body: longBody }]);
    const [record = ''] = await broker.records('logs', 1);
    assert.ok(record.endsWith(`\t${longBody}`), record);
  },

  async 'A channel that may fail'(block) {
    await using agent = await startDocAgent(block);
    // More than the optional channel holds, which nobody empties.
    await send(
      agent,
      Array.from({ length: 3_000 }, (_, id) => ({ body: `event ${id}` })),
    );
    const out = path.join(agent.directory, 'flume');
    await until(() => written(out).split('\n').length > 3_000, 'not all events came out');
  },

  async 'Interceptors that add and replace'(block) {
    await using agent = await startDocAgent(block);
    await send(agent, [{ headers: { app: 'checkout' }, body: 'paid with 4111111111111111' }]);
    const folder = path.join(agent.directory, 'flume');
    await until(() => written(folder) !== '', 'nothing came out');
    assert.match(written(folder), /datacenter=fra-1.*\} paid with \[card\]\n$/);
  },

  async Kafka(block) {
    await using broker = await KafkaBroker.start();
    await using agent = await startDocAgent(block, { 'kafka-1:9092': broker.address }, 'kafka-sink');
    const timestamp = String(Date.UTC(2026, 10, 22, 12));
    await send(agent, [
      { headers: { app: 'checkout', key: 'acme', timestamp }, body: longBody },
      { headers: { timestamp, topic: 'elsewhere' }, body: 'sent elsewhere' },
    ]);
    assert.deepEqual(await broker.records('logs', 1), [`app:checkout\tacme\t${longBody}`]);
    assert.deepEqual(await broker.records('elsewhere', 1), ['NO_HEADERS\tnull\tsent elsewhere']);
  },

  async 'Route by a header'(block) {
    await using agent = await startDocAgent(block);
    await send(
      agent,
      ['info', 'error', 'fatal', 'Error'].map((level) => ({ headers: { level }, body: level })),
    );
    const lines = (folder: string): string[] => written(path.join(agent.directory, folder)).split('\n').slice(0, -1);
    await until(() => lines('flume').length + lines('flume-errors').length === 4, 'not all events came out');
    assert.deepEqual(
      { others: lines('flume'), errors: lines('flume-errors') },
      {
        others: ['info', 'Error'],
        errors: ['error', 'fatal'],
      },
    );
  },

  async 'Interceptors overwrite'(block) {
    const out = async (code: string): Promise<string> => {
      await using agent = await startDocAgent({ ...block, code });
      await send(agent, [{ headers: { timestamp: '1', host: 'ours' }, body: 'x' }]);
      const folder = path.join(agent.directory, 'flume');
      await until(() => written(folder) !== '', 'nothing came out');
      return written(folder);
    };
    assert.match(await out(block.code), /timestamp=1\b.*host=ours|host=ours.*timestamp=1\b/);
    const bare = await out(block.code.replaceAll(/^.*preserveExisting.*\n/gm, ''));
    assert.doesNotMatch(bare, /host=ours|timestamp=1\b/);
  },

  async TLS(block) {
    const keystore = createKeystore(keys);
    await using agent = await startDocAgent(block, { '/etc/flume/agent.p12': keystore.file });
    await send(agent, [{ body: longBody }], {
      agents: `localhost:${agent.port}`,
      tls: { ca: keystore.certificate },
    });
    await until(() => written(path.join(agent.directory, 'flume')) === `${longBody}\n`, 'nothing came out');
  },

  async 'On to another agent'(block) {
    await using collector = await startDevAgent({ port: 0 });
    const changes = { '= collector': '= 127.0.0.1', '= 4242': `= ${collector.port}` };
    await using agent = await startDocAgent(block, changes);
    await send(agent, [{ headers: { app: 'checkout' }, body: longBody }], { protocol: 'binary' });
    await collector.waitFor(1, { timeoutMs: 30_000 });
    assert.deepEqual({ ...collector.events[0]?.headers }, { app: 'checkout' });
  },
};

describe('what the pages say of channels', () => {
  it('a memory channel loses what it has acknowledged, at an end in order too', async () => {
    const stopped = { type: 'thrift', host: '127.0.0.1', port: 1 } as const;
    await using agent = await startFlumeAgent({ sink: stopped, capacity: 1_000 });
    await send(
      agent,
      Array.from({ length: 250 }, (_, id) => ({ body: `event ${id}` })),
    );
    assert.equal((await agent.metrics()).channel.ChannelSize, 250);
    await agent.restart();
    assert.equal((await agent.metrics()).channel.ChannelSize, 0);
  });
});

describe('a configuration of the pages', () => {
  it('compose/a1.conf', async () => {
    const code = readFileSync(path.join(import.meta.dirname, '../../compose/a1.conf'), 'utf8');
    await using agent = await startDocAgent({ ...(blocks[0] ?? assert.fail()).block, code });
    await send(agent, [{ headers: { app: 'checkout' }, body: longBody }]);
    const out = path.join(agent.directory, 'flume');
    await until(() => written(out) === `{app=checkout} ${longBody}\n`, 'nothing came out');
  });

  for (const { page, block } of blocks) {
    it(`${page}:${block.line} ${block.heading}`, async () => {
      const check = page === 'docs/flume.md' ? checks[block.heading] : logged;
      assert.ok(check !== undefined, 'no check says what it must do');
      await check(block);
    });
  }
});
