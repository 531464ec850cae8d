// What goes through a real Flume agent arrives unchanged: raw client → Thrift source → memory channel → Flume's Thrift
// sink → our dev agent. So the dev agent is proven against Flume's own client.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { type FlumeAgentOptions, startFlumeAgent } from './flume-agent.ts';
import { createKeystore, type Keystore } from './keystore.ts';
import { flumeVersions } from './maven.ts';
import { appendBatchFrame, appendFrame, connectRaw } from './thrift-calls.ts';

const everyByte = Uint8Array.from({ length: 256 }, (_, value) => value);
const events = [
  { headers: { host: 'a', level: 'info' }, body: Buffer.from('plain text') },
  { headers: {}, body: Buffer.alloc(0) },
  { headers: { '': '', ключ: '値', emoji: '😀 é', 'new\nline': '\u0000\t"' }, body: Buffer.from('é € 😀\n') },
  { headers: { long: 'x'.repeat(70_000) }, body: Buffer.from(everyByte) },
  // More than 127 headers: their number takes two bytes in compact.
  {
    headers: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`h${n}`, `${n}`])),
    body: Buffer.alloc(300_000, 7),
  },
  // More than 14 events in all: above that, compact writes the size of a list in another form.
  ...Array.from({ length: 12 }, (_, n) => ({ headers: { n: `${n}` }, body: Buffer.from(`filler ${n}`) })),
];
const single = { headers: { call: 'append' }, body: Buffer.from([0, 255]) };

for (const version of flumeVersions) {
  for (const protocol of ['compact', 'binary'] as const) {
    test(`Flume ${version}, ${protocol}: headers and bodies reach the next hop byte for byte, in order`, (t) =>
      passesThrough(t, { version, protocol }));
  }

  test(`Flume ${version}: the same with TLS on both hops`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-keystore-'));
    t.after(() => rmSync(folder, { recursive: true }));
    await passesThrough(t, { version }, createKeystore(folder));
  });
}

async function passesThrough(t: TestContext, options: FlumeAgentOptions, keystore?: Keystore) {
  const protocol = options.protocol ?? 'compact';
  const tls = keystore && { pfx: readFileSync(keystore.file), passphrase: keystore.password };
  const next = await startDevAgent({ port: 0, protocol, tls });
  t.after(() => next.close());
  const sink = {
    type: 'thrift',
    host: next.host,
    port: next.port,
    protocol,
    ...(keystore && { tls: keystore }),
  } as const;
  const agent = await startFlumeAgent({ ...options, sink, ...(keystore && { tls: keystore }) });
  t.after(() => agent.stop());
  const connection = await connectRaw(agent.port, { protocol, ...(keystore && { ca: keystore.certificate }) });
  try {
    assert.equal((await connection.call(appendBatchFrame(events, { protocol }))).status, 0);
    assert.equal((await connection.call(appendFrame(single, { protocol }))).status, 0);
  } finally {
    connection.close();
  }

  await next.waitFor(events.length + 1, { timeoutMs: 20_000 });
  const arrived = next.events.map(({ headers, body }) => ({ headers: { ...headers }, body: Buffer.from(body) }));
  assert.deepEqual(arrived, [...events, single]);
}
