// The worker of a process that ends, by itself: what it answers where a parcel is of no use.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { it } from 'node:test';
import { MessageChannel, Worker } from 'node:worker_threads';

const file = path.join(import.meta.dirname, '../../packages/core/dist/exit-worker.cjs');

it('answers for each parcel where one cannot be taken over', { timeout: 30_000 }, async () => {
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(file, { workerData: { port: port2, done }, transferList: [port2] });
  const failed = once(worker, 'error').then(([error]) => assert.fail(error as Error));
  const parcel = { options: {}, batches: [], wantsDead: false };
  port1.postMessage({
    parcels: [
      { ...parcel, id: 1 },
      { ...parcel, id: 2 },
    ],
    endMs: Date.now() + 1_000,
  });
  const [receipts] = (await Promise.race([once(port1, 'message'), failed])) as [{ id: number; why: string }[]];
  assert.deepEqual(
    receipts.map(({ id, why }) => [id, typeof why]),
    [
      [1, 'string'],
      [2, 'string'],
    ],
  );
  assert.notEqual(Atomics.wait(done, 0, 0, 5_000), 'timed-out');
  port1.close();
  await worker.terminate();
});
