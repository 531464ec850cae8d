import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startDevAgent } from '../../../dev-agent/src/index.ts';
import { type DeliveryOptions, EmbeddedAgent, type FlumeEvent } from '../../src/index.ts';
import { leakCheck } from '../leak-check.ts';

const long = 'é'.repeat(5_000);
const noise = randomBytes(5_000);

async function arrived(options: DeliveryOptions, events: readonly FlumeEvent[]) {
  await using source = await startDevAgent({ port: 0 });
  await using agent = new EmbeddedAgent({ port: source.port, compress: 'gzip', ...options });
  for (const event of events) assert.ok(agent.put(event));
  await agent.flush();
  assert.equal(agent.stats().delivered, events.length);
  return source.events.map(({ headers, body }) => ({ headers, body }));
}

describe('compress: gzip', () => {
  leakCheck();

  it('compresses a body, text or bytes, and marks it', async () => {
    const events = await arrived({}, [{ headers: { a: 'b' }, body: long }, { body: Buffer.from(long) }]);
    const gzip = { 'content-encoding': 'gzip' };
    assert.deepEqual(
      events.map(({ headers }) => headers),
      [{ a: 'b', ...gzip }, gzip],
    );
    for (const { body } of events) {
      assert.ok(body.length < 200);
      assert.equal(gunzipSync(body).toString(), long);
    }
  });

  it('leaves alone what is small, what would not become smaller, and what is encoded already', async () => {
    const encoded = { 'content-encoding': 'br' };
    const events = [{ body: 'é'.repeat(500) }, { body: noise }, { headers: encoded, body: long }];
    assert.deepEqual(
      await arrived({}, events),
      events.map(({ headers = {}, body }) => ({ headers, body: Buffer.from(body as string) })),
    );
    const [event] = await arrived({ headers: encoded }, [{ body: long }]);
    assert.equal(event?.body.toString(), long);
  });

  it('is judged by what it becomes: cut only where it is too large even so, and then not compressed', async () => {
    const [small, cut] = await arrived({ maxEventBytes: 1_000 }, [{ body: long }, { body: noise }]);
    assert.equal(gunzipSync(small?.body ?? '').toString(), long);
    assert.deepEqual(cut?.headers, { truncated: '5000' });
    assert.equal(Buffer.compare(cut.body, noise.subarray(0, cut.body.length)), 0);
  });
});
