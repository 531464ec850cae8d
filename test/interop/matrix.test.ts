// Our client against servers that we did not write, and clients that we did not write against our dev agent: every
// combination of server, protocol, transport, encryption and library version, the events compared byte for byte.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { FlumeClient, FlumeError } from '../../packages/core/src/index.ts';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { startFlumeAgent } from '../flume/flume-agent.ts';
import { sendFromJava } from '../flume/java-client.ts';
import { createKeystore, type Keystore } from '../flume/keystore.ts';
import { type FlumeVersion, flumeVersions, installFlume } from '../flume/maven.ts';
import { agentPrincipal, startKerberosAgent } from '../kerberos/kerberos-agent.ts';
import { type Realm, startRealm } from '../kerberos/realm.ts';
import { converse, difference, eventDifference, expectedCalls, type ReceivedCall, received } from './exchange.ts';
import { type Cell, nameOf, Outcomes, saveRun, type Table } from './matrix.ts';
import { pythonCalls, sendFromPython } from './python-client.ts';
import { requireInstalled } from './requirements.ts';
import {
  agentTable,
  isKerberos,
  isTls,
  nonblocking,
  pythonTable,
  sdkTable,
  serverTables,
  sinkTable,
  tables,
} from './tables.ts';
import { startThriftServers } from './thrift-servers.ts';

const outcomes = new Outcomes();

const sdkCalls: readonly ReceivedCall[] = [
  { method: 'appendBatch', events: Array.from({ length: 100 }, (_, n) => sdkEvent(n)) },
  { method: 'append', events: [sdkEvent(100)] },
];

try {
  requireInstalled();
} catch (error) {
  // One line, instead of one failure for each test.
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}

const folder = mkdtempSync(path.join(tmpdir(), 'flume-interop-'));
const certificateFile = path.join(folder, 'trusted.pem');
let keystore: Keystore;
let realm: Realm;
let agentKeytab: string;
let keytab: string;

before(async () => {
  for (const version of flumeVersions) await installFlume(version);
  keystore = createKeystore(folder);
  writeFileSync(certificateFile, keystore.certificate);
  realm = await startRealm();
  agentKeytab = realm.addPrincipal(agentPrincipal);
  keytab = realm.addPrincipal('client');
  process.env.KRB5_CONFIG = realm.config;
  // Where the package kerberos is found.
  process.chdir(path.join(import.meta.dirname, '../kerberos'));
});

after(async () => {
  await realm?.stop();
  rmSync(folder, { recursive: true });
  const markdown = outcomes.markdown(tables);
  saveRun(markdown);
  process.stdout.write(`${markdown}\n`);
});

for (const [version, table] of serverTables) {
  test(table.title, async (t) => {
    const possible = table.cells.filter(({ cannot }) => cannot === undefined).map(idOf);
    const servers = await startThriftServers(version, possible, keystore);
    t.after(() => servers.stop());
    await eachCell(t, table, async (cell) => {
      await talk(cell, servers.port(idOf(cell)));
      const wrong = difference(expectedCalls, await servers.take(idOf(cell)));
      if (wrong !== undefined) assert.fail(`${wrong}\n${servers.log().slice(-2_000)}`);
    });

    // Where a reason no longer holds, its cells belong into the matrix.
    for (const server of nonblocking.map((peer) => `${peer}/compact/framed/plain`)) {
      await t.test(`reason: ${server} refuses unframed calls`, async () => {
        await using client = new FlumeClient({ port: servers.port(server), framed: false, timeoutMs: 10_000 });
        await assert.rejects(client.append({ body: 'world' }), FlumeError);
        assert.deepEqual(await servers.take(server), []);
      });
    }
  });
}

test(`${agentTable.title}; ${sinkTable.title}`, { concurrency: 2 }, (t) =>
  eachCell(t, agentTable, async (cell) => {
    await using next = await devAgentFor(cell);
    const tls = isTls(cell.encryption) ? { tls: keystore } : {};
    const protocol = flumeProtocol(cell);
    const sink = { type: 'thrift', host: next.host, port: next.port, protocol, ...tls } as const;
    const options = { version: flumeVersion(cell), protocol, capacity: 1_000, sink, ...tls };
    await using agent = isKerberos(cell.encryption)
      ? await startKerberosAgent(realm, agentKeytab, options)
      : await startFlumeAgent(options);
    await talk(cell, agent.port);
    const expected = expectedCalls.flatMap(({ events }) => events);
    await next.waitFor(expected.length, { timeoutMs: 20_000 });
    assert.equal(eventDifference(expected, next.events.map(received)), undefined);
    outcomes.pass(sinkTable, cell);
  }),
);

test(sdkTable.title, { concurrency: 2 }, (t) =>
  eachCell(t, sdkTable, async (cell) => {
    await using agent = await devAgentFor(cell);
    const { host, port } = agent;
    const tls = cell.encryption === 'TLS' ? { tls: keystore } : {};
    const to = { version: flumeVersion(cell), protocol: flumeProtocol(cell), host, port, ...tls };
    await sendFromJava({ ...to, count: 101, batchSize: 100 });
    assert.equal(difference(sdkCalls, callsOf(agent)), undefined);
  }),
);

test(pythonTable.title, { concurrency: 2 }, (t) =>
  eachCell(t, pythonTable, async (cell) => {
    await using agent = await devAgentFor(cell);
    const { port, path: socket } = agent;
    const caFile = cell.encryption === 'TLS' ? certificateFile : undefined;
    await sendFromPython(cell.protocol, cell.transport.replace(/,.*/, ''), { port, path: socket, caFile });
    assert.equal(difference(pythonCalls, callsOf(agent)), undefined);
  }),
);

test('every cell is green, or marked with the reason why it cannot be', () => {
  assert.deepEqual(outcomes.red(tables), []);
});

/** Runs each cell that can be, as a test of its own, and notes which were green. */
async function eachCell(t: TestContext, table: Table, run: (cell: Cell) => Promise<void>): Promise<void> {
  const cells = table.cells.filter(({ cannot }) => cannot === undefined);
  await Promise.all(
    cells.map((cell) =>
      t.test(nameOf(cell), async () => {
        await run(cell);
        outcomes.pass(table, cell);
      }),
    ),
  );
}

async function talk({ protocol, transport, encryption }: Cell, port: number): Promise<void> {
  const tls = isTls(encryption) ? { ca: keystore.certificate, servername: 'localhost' } : false;
  const kerberos = isKerberos(encryption) && { host: 'localhost', principal: 'client', keytab };
  const framed = transport === 'framed';
  await using client = new FlumeClient({ port, protocol, framed, tls, kerberos, timeoutMs: 10_000 });
  await converse(client);
}

function devAgentFor({ protocol, transport, encryption }: Cell): Promise<DevAgent> {
  const tls = isTls(encryption) ? { pfx: readFileSync(keystore.file), passphrase: keystore.password } : undefined;
  const unix = transport === 'framed, Unix socket';
  const where = unix ? { path: path.join(folder, `${protocol}.sock`) } : { port: 0 };
  return startDevAgent({ ...where, protocol, framed: transport !== 'unframed', tls });
}

/** What the dev agent received, call by call. */
function callsOf(agent: DevAgent): ReceivedCall[] {
  let taken = 0;
  return agent.calls.map(({ method, count }) => {
    taken += count;
    return { method, events: agent.events.slice(taken - count, taken).map(received) };
  });
}

function sdkEvent(n: number) {
  return received({ headers: { n: `${n}`, client: 'java', unicode: 'é € 😀' }, body: Buffer.from(`event ${n}`) });
}

const idOf = ({ peer, protocol, transport, encryption }: Cell) => [peer, protocol, transport, encryption].join('/');
const flumeVersion = ({ peer }: Cell) => peer.replace('Flume ', '') as FlumeVersion;
const flumeProtocol = ({ protocol }: Cell) => protocol as 'compact' | 'binary';
