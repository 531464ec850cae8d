// With a file or a spillable channel: what an application could not deliver is delivered by the next one on the same folder.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import { EmbeddedAgent } from 'flume-thrift-client';
import { type Logs, logs, unusedPort } from './child.ts';

const ways = (['worker', 'in process'] as const).flatMap((way) => [
  { type: 'file' as const, way },
  { type: 'spillable' as const, way },
]);

for (const { type, way } of ways) {
  for (const end of ['by itself', 'exit', 'throw'] as const) {
    test(`${type}, ${way}, ends ${end} while no agent is up: the next one delivers all`, async () => {
      const dir = fs.mkdtempSync(path.join(tmpdir(), 'pino-spool-'));
      const channel = { type, dir, minFreeBytes: 0 } as const;
      const port = await unusedPort();
      const how: Pick<Logs, 'pino' | 'way' | 'count'> = { pino: 'pino', way, count: 500 };
      const down = await logs({ ...how, end, options: { port, channel, closeTimeoutMs: 100 } });
      assert.doesNotMatch(down.stderr, /not delivered/);

      await using agent = await startDevAgent({ port: 0 });
      const next = new EmbeddedAgent({ port: agent.port as number, channel });
      await agent.waitFor(500);
      await next.close();
      const numbers = agent.events.map(({ body }) => JSON.parse(String(body)).n as number);
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        [...Array(500).keys()],
      );
      assert.deepEqual(fs.readdirSync(dir), []);
      fs.rmSync(dir, { recursive: true });
    });
  }
}
