// FlumeClient and EmbeddedAgent with a real agent that has kerberos = true, over TCP and over TLS, and a real KDC.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { EmbeddedAgent, FlumeClient, type FlumeClientOptions } from 'flume-thrift-client';
import { parseProperties } from '../../packages/dev-agent/src/conf/index.ts';
import { type FlumeAgent, startFlumeAgent } from '../flume/flume-agent.ts';
import { sendFromJava } from '../flume/java-client.ts';
import { createKeystore, type Keystore } from '../flume/keystore.ts';
import { sinkClasspath } from '../flume/maven.ts';
import { withEnvironment } from './environment.ts';
import { agentPrincipal, startKerberosAgent } from './kerberos-agent.ts';
import { type Realm, startRealm } from './realm.ts';
import { requireInstalled } from './requirements.ts';

requireInstalled();

const folder = mkdtempSync(path.join(tmpdir(), 'flume-kerberos-'));
let realm: Realm;
let agentKeytab: string;
let keytab: string;
let keystore: Keystore;
let plain: FlumeAgent;
let encrypted: FlumeAgent;

before(async () => {
  realm = await startRealm();
  agentKeytab = realm.addPrincipal(agentPrincipal);
  keytab = realm.addPrincipal('client');
  keystore = createKeystore(folder);
  process.env.KRB5_CONFIG = realm.config;
  // No cache of whoever runs the tests.
  process.env.KRB5CCNAME = path.join(folder, 'none');
  [plain, encrypted] = await Promise.all([
    startKerberosAgent(realm, agentKeytab, { capacity: 10_000, transactionCapacity: 1_000 }),
    startKerberosAgent(realm, agentKeytab, { tls: keystore, protocol: 'binary' }),
  ]);
});

after(async () => {
  await Promise.all([plain?.stop(), encrypted?.stop()]);
  await realm?.stop();
  rmSync(folder, { recursive: true });
});

const byKeytab = () => ({ kerberos: { principal: 'client', keytab } });

async function append(options: FlumeClientOptions, body: string): Promise<void> {
  await using client = new FlumeClient({ host: 'localhost', port: plain.port, ...options });
  await client.append({ body });
}

async function arrives(agent: FlumeAgent, body: string): Promise<void> {
  await agent.metricsWhen(() => agent.delivered().includes(`${body}\n`));
}

test("Flume's own client is taken: the agent is right", async () => {
  const sent = await sendFromJava({
    host: 'localhost',
    port: plain.port,
    count: 25,
    libraries: [sinkClasspath('hdfs-sink')],
    jvmOptions: [`-Djava.security.krb5.conf=${realm.config}`],
    properties: {
      kerberos: 'true',
      'client-principal': `client@${realm.name}`,
      'client-keytab': keytab,
      'server-principal': `${agentPrincipal}@${realm.name}`,
    },
  });
  assert.equal(sent.sent, 25);
  await arrives(plain, 'event 24');
});

describe('FlumeClient', () => {
  test('by keytab', async () => {
    await append(byKeytab(), 'by keytab');
    await arrives(plain, 'by keytab');
  });

  test('by the first principal of the keytab', () => append({ kerberos: { keytab } }, 'first principal'));

  test('by a ticket cache', () =>
    withEnvironment({ KRB5CCNAME: realm.ticket('client', keytab) }, () => append({ kerberos: true }, 'by cache')));

  test('by the keytab of the environment', () =>
    withEnvironment({ KRB5_CLIENT_KTNAME: keytab, KRB5CCNAME: 'MEMORY:x' }, () =>
      append({ kerberos: true }, 'by name'),
    ));

  test('over TLS, in the other protocol', async () => {
    const tls = { ca: keystore.certificate };
    await append({ ...byKeytab(), port: encrypted.port, protocol: 'binary', tls }, 'over TLS');
    await arrives(encrypted, 'over TLS');
  });

  test('at an address, where the agent is named', () =>
    append({ host: '127.0.0.1', kerberos: { ...byKeytab().kerberos, host: 'localhost' } }, 'at an address'));

  test('in an agent that has the option alone', async () => {
    const agents = [{ host: 'localhost', port: plain.port, ...byKeytab() }];
    await using agent = new EmbeddedAgent({ agents });
    await agent.ready();
  });

  test('leaves the environment of the application as it was', async () => {
    const before = { ...process.env };
    await append(byKeytab(), 'environment');
    assert.deepEqual({ ...process.env }, before);
  });

  test('200 handshakes, 8 at a time, and none leaves a process', async () => {
    const agent = await startKerberosAgent(realm, agentKeytab, { threads: 20, sink: { type: 'null' } });
    try {
      let left = 200;
      const one = async () => {
        while (left > 0) {
          left -= 1;
          await using client = new FlumeClient({
            host: 'localhost',
            port: agent.port,
            ...byKeytab(),
            connectTimeoutMs: 20_000,
          });
          await client.ping();
        }
      };
      await Promise.all(Array.from({ length: 8 }, one));
      await until(() => gssProcesses().length === 0);
    } finally {
      await agent.stop();
    }
  });

  test('a KDC that says nothing: the wait ends, no file waits, nothing is left', async () => {
    realm.pauseKdc();
    try {
      const client = new FlumeClient({ host: 'localhost', port: plain.port, ...byKeytab(), connectTimeoutMs: 1_500 });
      const failed = assert.rejects(client.ping(), {
        code: 'ERR_FLUME_CONNECT',
        message: /no ticket from the KDC within 1500 ms \(connectTimeoutMs\): is the KDC/,
      });
      const began = performance.now();
      for (let n = 0; n < 20; n += 1) readdirSync(folder);
      assert.ok(performance.now() - began < 1_000);
      await failed;
      await until(() => gssProcesses().length === 0);
    } finally {
      realm.resumeKdc();
    }
  });
});

test('that Kerberos encrypts nothing is said once', async () => {
  const program = `
    import { FlumeClient } from 'flume-thrift-client';
    for (const host of ['192.0.2.1', '192.0.2.2']) {
      await new FlumeClient({ host, kerberos: true, connectTimeoutMs: 50 }).ping().catch(() => {});
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  await once(child, 'close');
  const says =
    /\[FLUME_PLAIN_TCP\].*192\.0\.2\.1:4141 unencrypted, since Kerberos says only who is who: set the option tls/;
  assert.match(told, says);
  assert.equal(told.match(/unencrypted/g)?.length, 1);
});

test('the way around of docs/security.md: an agent beside the application, whose sink speaks Kerberos', async () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const [, lines = ''] = /^```properties\n([^]*?sinks\.k1\.kerberos[^]*?)^```$/m.exec(page) ?? [];
  const written = parseProperties(lines).map(({ key, value }) => [key.replace(/^a1\./, ''), value] as const);
  assert.ok(written.length > 8);
  const here: Readonly<Record<string, string | number>> = {
    'sinks.k1.hostname': 'localhost',
    'sinks.k1.port': plain.port,
    'sinks.k1.client-principal': `client@${realm.name}`,
    'sinks.k1.client-keytab': keytab,
    'sinks.k1.server-principal': `${agentPrincipal}@${realm.name}`,
  };
  const properties = Object.fromEntries(written.map(([key, value]) => [key, here[key] ?? value]));
  const { 'sources.r1.port': _port, ...rest } = properties;
  const local = await startFlumeAgent({
    sink: { type: 'thrift', host: 'localhost', port: plain.port },
    libraries: [sinkClasspath('hdfs-sink')],
    jvmOptions: [`-Djava.security.krb5.conf=${realm.config}`],
    properties: rest,
  });
  try {
    await append({ host: '127.0.0.1', port: local.port }, 'beside the application');
    await arrives(plain, 'beside the application');
  } finally {
    await local.stop();
  }
});

describe('a KDC that says nothing holds no process', () => {
  const program = `
    import { EmbeddedAgent } from 'flume-thrift-client';
    const { options, exits } = JSON.parse(process.argv[1]);
    const agent = new EmbeddedAgent({ ...options, closeTimeoutMs: 1_000 });
    agent.on('warning', () => {});
    agent.put({ body: 'x' });
    if (exits) setTimeout(() => process.exit(0), 300);`;
  for (const [way, exits] of [
    ['by itself', false],
    ['by process.exit()', true],
  ] as const) {
    test(`that ends ${way}`, async () => {
      realm.pauseKdc();
      try {
        const options = { agents: { host: 'localhost', port: plain.port }, ...byKeytab() };
        const began = performance.now();
        const child = spawn(
          process.execPath,
          ['--input-type=module', '-e', program, JSON.stringify({ options, exits })],
          { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'pipe'] },
        );
        let told = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
        const [code] = (await once(child, 'close')) as [number | null];
        assert.equal(code, 0, told);
        assert.match(told, /1 event was not delivered/);
        // GSSAPI itself would have waited for 25 s.
        assert.ok(performance.now() - began < 10_000);
      } finally {
        realm.resumeKdc();
      }
    });
  }
});

describe('EmbeddedAgent', () => {
  test('delivers through a restart of the agent, one of the KDC, and the end of its ticket', async (t) => {
    const agent = await startKerberosAgent(realm, agentKeytab, { channel: 'file' });
    t.after(() => agent.stop());
    const cache = realm.ticket('client', keytab, 3);
    const expires = performance.now() + 3_000;
    await withEnvironment({ KRB5CCNAME: cache }, async () => {
      await using ours = new EmbeddedAgent({
        agents: { host: 'localhost', port: agent.port, kerberos: true },
        retry: { initialDelayMs: 50, maxDelayMs: 200 },
      });
      ours.on('warning', () => {});
      const put = (from: number, to: number) => {
        for (let n = from; n < to; n += 1) ours.put({ body: `number ${n}` });
      };
      put(0, 100);
      assert.equal((await ours.flush({ timeoutMs: 20_000 })).queued, 0);

      // A connection outlives its ticket; the next one does not begin with it.
      await new Promise((resolve) => setTimeout(resolve, expires + 1_000 - performance.now()));
      put(100, 200);
      assert.equal((await ours.flush({ timeoutMs: 20_000 })).queued, 0);
      await agent.kill();
      put(200, 300);
      await agent.restart();
      await realm.stopKdc();
      await until(() => ours.stats().agents.some(({ lastError }) => lastError?.includes('Ticket expired') === true));
      await realm.startKdc();
      // A kinit from outside is seen at once.
      realm.ticket('client', keytab);
      assert.equal((await ours.flush({ timeoutMs: 20_000 })).queued, 0);
      await arrives(agent, 'number 299');
      const lines = new Set(agent.delivered().toString().trimEnd().split('\n'));
      for (let n = 0; n < 300; n += 1) assert.ok(lines.has(`number ${n}`), `number ${n}`);
    });
  });
});

/** The processes that a GSSAPI of this one runs in. */
function gssProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        const environment = readFileSync(`/proc/${id}/environ`, 'latin1');
        return environment.includes('FLUME_GSSAPI_PROCESS=') && environment.includes(realm.config);
      } catch {
        return false;
      }
    });
}

async function until(holds: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `still not so: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
