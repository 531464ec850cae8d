// flume-doctor at real peers: Flume's sources as they are configured, HAProxy before them, and strangers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { doctor } from './doctor.ts';
import { type FlumeAgent, type FlumeAgentOptions, startFlumeAgent } from './flume-agent.ts';
import { startHaproxy } from './haproxy.ts';
import { createKeystore, type Keystore } from './keystore.ts';
import { freePorts } from './ports.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'flume-doctor-'));
const ca = path.join(folder, 'certificate.pem');
const sink = { sink: { type: 'null' } } as const;
let keystore: Keystore;
let plain: FlumeAgent;
let binary: FlumeAgent;
let encrypted: FlumeAgent;
let avroPort: number;

before(async () => {
  keystore = createKeystore(folder);
  [avroPort = 0] = await freePorts(1);
  const avro: FlumeAgentOptions['properties'] = {
    sources: 'r1 r2',
    'sources.r2.type': 'avro',
    'sources.r2.bind': '127.0.0.1',
    'sources.r2.port': avroPort,
    'sources.r2.channels': 'c1',
  };
  [plain, binary, encrypted] = await Promise.all([
    startFlumeAgent({ ...sink, properties: avro }),
    startFlumeAgent({ ...sink, protocol: 'binary' }),
    startFlumeAgent({ ...sink, tls: keystore, threads: 5 }),
  ]);
});

after(async () => {
  await Promise.all([plain, binary, encrypted].map((agent) => agent?.stop()));
  rmSync(folder, { recursive: true });
});

/** @param says each of these, in this order */
async function tells(code: number, args: readonly string[], ...says: readonly RegExp[]): Promise<void> {
  const visit = await doctor(args);
  assert.equal(visit.code, code, visit.output);
  let rest = visit.output;
  for (const pattern of says) {
    const found = pattern.exec(rest);
    assert.ok(found !== null, `${pattern} in:\n${visit.output}`);
    rest = rest.slice(found.index + found[0].length);
  }
}

const at = (port: number) => `127.0.0.1:${port}`;
const empty = /takes an empty batch, which stores nothing, in [\d.]+ ms/;

test('a source as the defaults have it', () =>
  tells(0, [at(plain.port)], /speaks Flume's Thrift: compact, framed\n/, empty, /well/));

test('each address of a name, and JSON', async () => {
  const visit = await doctor(['--json', `localhost:${plain.port}`]);
  const { addresses } = JSON.parse(visit.output) as {
    addresses: { address: string; pingMs: number[]; findings: object[] }[];
  };
  const home = addresses.find(({ address }) => address === '127.0.0.1');
  assert.equal(home?.pingMs.length, 3);
  assert.deepEqual(home?.findings, []);
  // The agent is bound to 127.0.0.1: where the name has another address, nobody is there.
  assert.equal(visit.code, addresses.length === 1 ? 0 : 1);
});

test('nothing was stored by any of this', async () => {
  const { source } = await plain.metrics();
  assert.equal(source.EventAcceptedCount, 0);
});

test('another protocol', async () => {
  await tells(1, [at(binary.port)], /speaks binary, framed\n/, /! it speaks binary\n +set {2}protocol: 'binary'/);
  await tells(0, ['--protocol', 'binary', at(binary.port)], /Thrift: binary, framed/, empty);
});

test('TLS', async () => {
  const says = [/speaks compact, framed, TLS\n/, /certificate localhost .*signed by itself/] as const;
  await tells(1, [at(encrypted.port)], ...says, /! it speaks TLS\n +set {2}tls: \{ ca:/);
  await tells(
    1,
    ['--tls', at(encrypted.port)],
    ...says,
    /! self-signed certificate \(give its certificate as tls\.ca\)/,
  );
  await tells(0, ['--tls-ca', ca, at(encrypted.port)], /Thrift: compact, framed, TLS\n/, empty);
  await tells(1, ['--tls', at(plain.port)], /! it speaks no TLS\n +set {2}no tls, or in the agent: .*ssl = true/);
});

test('frames that the source does not have', () =>
  tells(1, ['--no-framed', at(plain.port)], /! it has frames\n +set {2}framed: true/));

test('an Avro source', () => tells(1, [at(avroPort)], /speaks Avro\n/, /! it is an Avro source/, /type = thrift/));

test('HTTP', async (t) => {
  const web = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await once(web, 'listening');
  t.after(() => web.close());
  await tells(
    1,
    [at((web.address() as net.AddressInfo).port)],
    /speaks HTTP\n/,
    /! it speaks HTTP: the port of an agent's metrics/,
  );
});

test('a stranger', async (t) => {
  const stranger = net.createServer((socket) => socket.write('SSH-2.0-\u001b[31m\r\n')).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  t.after(() => stranger.close());
  await tells(
    1,
    [at((stranger.address() as net.AddressInfo).port)],
    /! it is no Flume source: it says "SSH-2\.0-\\x1b\[31m/,
  );
});

test('nobody', async () => {
  const [nobody = 0] = await freePorts(1);
  await tells(
    1,
    [at(nobody)],
    /! nobody listens there\n/,
    /1\. the agent is not running/,
    /2\. another port/,
    /3\. .*bind/,
  );
});

test('a name that nobody knows', () =>
  tells(1, ['flume-1.invalid:4141'], /! flume-1\.invalid: the name is unknown here/));

const atOnce = [
  /! it closes a connection at once, before a word is said\n/,
  /1\. a proxy without a live agent behind it: look at/,
  /2\. a proxy with send-proxy/,
  /3\. a source with ssl or kerberos that has no thread left/,
];

test('a proxy: well, without an agent, with send-proxy', async () => {
  const [nobody = 0] = await freePorts(1);
  await using good = await startHaproxy(plain.port);
  await tells(0, [at(good.port)], empty);
  await using empties = await startHaproxy(nobody);
  await tells(1, [at(empties.port)], ...atOnce);
  await using sends = await startHaproxy(plain.port, 'send-proxy');
  await tells(1, [at(sends.port)], ...atOnce);
});

test('no thread left', async () => {
  const held = Array.from({ length: 5 }, () => net.connect(encrypted.port, '127.0.0.1'));
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  try {
    // The source gives each a thread once it has accepted it.
    const closes = () => doctor(['--tls-ca', ca, at(encrypted.port)]).then(({ output }) => atOnce[0]?.test(output));
    for (let attempt = 0; attempt < 10 && !(await closes()); attempt += 1);
    await tells(1, ['--tls-ca', ca, at(encrypted.port)], ...atOnce);
  } finally {
    for (const socket of held) socket.destroy();
  }
});

test('who takes all and says nothing', async (t) => {
  const silent = net.createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as net.AddressInfo;
  await tells(
    1,
    [at(port)],
    /! it takes what is said, and answers nothing\n/,
    /1\. an agent that stands still, or is out of memory/,
  );
});

test('a full channel: an empty batch is taken, a probe is not, and the metrics say why', async () => {
  const [nobody = 0] = await freePorts(1);
  const full = { type: 'thrift', host: '127.0.0.1', port: nobody, batchSize: 1 } as const;
  const agent = await startFlumeAgent({ capacity: 2, transactionCapacity: 2, sink: full });
  try {
    const metrics = ['--metrics', agent.metricsUrl];
    await tells(
      0,
      ['--probe', ...metrics, at(agent.port)],
      empty,
      /stored one event, marked by the header flume-doctor/,
    );
    // One that fills it.
    await tells(0, ['--probe', at(agent.port)], /stored one event/);
    await tells(
      1,
      ['--probe', ...metrics, at(agent.port)],
      empty,
      /! it refuses an event \(FAILED after [\d.]+ ms\), and takes an empty batch/,
      /1\. its channel is full/,
      /channel c1: 2 of 2 events, 100 % full/,
      /! the channel c1 is 100 % full/,
    );
  } finally {
    await agent.stop();
  }
});

test('--watch', () =>
  tells(
    0,
    ['--watch', '--count', '3', '--interval-ms', '20', at(plain.port)],
    /Z {2}[\d.]+ ms\n/,
    /3 answered, 0 not: .*median/,
  ));

test('wrong usage', async () => {
  await tells(2, [], /expected host:port, or --conf/);
  await tells(2, ['a:b:c'], /expected host:port \(an IPv6 address in brackets/);
  await tells(2, ['--durable', at(1)], /--durable: expected --conf beside it/);
  await tells(2, ['--conf', '/nowhere/a1.conf'], /cannot read \/nowhere\/a1\.conf: ENOENT/);
});
