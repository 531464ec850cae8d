import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Request } from '../src/message.ts';
import { MessageCodec } from '../src/message.ts';
import { FramedReader } from '../src/request-reader.ts';
import { encodeCall } from './raw-client.ts';

const codec = new MessageCodec('compact');

function readAll(reader: FramedReader): Request[] {
  const requests: Request[] = [];
  for (let request = reader.next(); request !== undefined; request = reader.next()) requests.push(request);
  return requests;
}

describe('RequestReader', () => {
  it('cuts frames out of any chunks', () => {
    const calls = [0, 1, 50, 5_000, 70_000].map((size, index) => {
      return encodeCall({ headers: { size: String(size) }, body: Buffer.alloc(size, index) }, index + 1);
    });
    const stream = Buffer.concat([...calls, ...calls, ...calls]);
    for (const chunkBytes of [1, 2, 3, 4, 5, 7, 64, 1_000, 4_099, 65_536, stream.length]) {
      const reader = new FramedReader(codec);
      const requests: Request[] = [];
      for (let from = 0; from < stream.length; from += chunkBytes) {
        reader.push(stream.subarray(from, from + chunkBytes));
        requests.push(...readAll(reader));
      }
      assert.equal(reader.buffered, 0);
      assert.equal(requests.length, 15);
      requests.forEach((request, index) => {
        assert.ok(request.tag === 'call', `request ${index} in chunks of ${chunkBytes}`);
        const [event] = request.events;
        assert.equal(event?.body.length, Number(event?.headers.size));
        assert.equal(event?.body.compare(Buffer.alloc(event.body.length, index % 5)), 0);
      });
    }
  });

  it('a frame within one chunk is not copied', () => {
    const call = encodeCall({ headers: {}, body: Buffer.alloc(100_000) });
    const reader = new FramedReader(codec);
    reader.push(call);
    const request = reader.next();
    assert.ok(request?.tag === 'call', 'a call');
    assert.equal(request.events[0]?.body.buffer, call.buffer);
  });

  it('the time to put a frame together grows with its size, not with its square', () => {
    const call = encodeCall({ headers: {}, body: Buffer.alloc(8_000_000) });
    const milliseconds = (chunkBytes: number): number => {
      const start = performance.now();
      const reader = new FramedReader(codec);
      for (let from = 0; from < call.length; from += chunkBytes) {
        reader.push(call.subarray(from, from + chunkBytes));
        readAll(reader);
      }
      return performance.now() - start;
    };
    // 16,000 chunks; copying anew for each would move 64 GB.
    const elapsed = milliseconds(500);
    assert.ok(elapsed < 1_000, `${elapsed} ms`);
  });

  it('what is left unread of a frame above the limit is not kept', () => {
    const reader = new FramedReader(codec);
    reader.push(Buffer.from('01000000', 'hex'));
    for (let mebibyte = 0; mebibyte < 15; mebibyte++) {
      reader.push(Buffer.alloc(1024 * 1024));
      assert.equal(reader.next(), undefined);
      assert.equal(reader.buffered, 0);
    }
    reader.push(Buffer.alloc(1024 * 1024));
    assert.throws(() => reader.next(), /a frame of 16777216 bytes is larger than 16384000/);
  });
});
