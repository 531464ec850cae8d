// The reasons of the cells that are left out still hold: where one no longer does, its cells belong into the matrix.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { FlumeClient, FlumeError } from '../../packages/core/src/index.ts';
import { createKeystore } from '../flume/keystore.ts';
import { received } from './exchange.ts';
import { libthriftVersions } from './libthrift.ts';
import { requireInstalled } from './requirements.ts';
import { nonblocking } from './tables.ts';
import { startThriftServers } from './thrift-servers.ts';

before(requireInstalled);

for (const version of libthriftVersions) {
  test(`libthrift ${version}`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-interop-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const framed = nonblocking.map((server) => `${server}/compact/framed/plain`);
    const json = 'TSimpleServer/json/framed/plain';
    const servers = await startThriftServers(version, [...framed, json], createKeystore(folder));
    t.after(() => servers.stop());

    for (const server of framed) {
      await t.test(`${server} refuses unframed calls`, async () => {
        await using client = new FlumeClient({ port: servers.port(server), framed: false, timeoutMs: 10_000 });
        await assert.rejects(client.append({ body: 'world' }), FlumeError);
        assert.deepEqual(await servers.take(server), []);
      });
    }

    const [padding, expected] = version === '0.9.3' ? ['as data', 'world\xff'] : ['as padding', 'world'];
    await t.test(`its JSON protocol takes the padding of base64 ${padding}`, async () => {
      await using client = new FlumeClient({ port: servers.port(json), protocol: 'json' });
      await client.append({ body: 'world' });
      const event = received({ headers: {}, body: Buffer.from(expected, 'latin1') });
      assert.deepEqual(await servers.take(json), [{ method: 'append', events: [event] }]);
    });
  });
}
