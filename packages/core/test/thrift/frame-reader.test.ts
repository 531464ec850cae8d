import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameReader, maxReplyBytes } from '../../src/thrift/frame-reader.ts';

const frame = (payload: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(payload.length);
  return Buffer.concat([length, payload]);
};

describe('FrameReader', () => {
  it('gives the same frames however the stream is cut', () => {
    const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 10 });
    fc.assert(
      fc.property(payloads, fc.array(fc.nat({ max: 20 })), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(frame));
        const reader = new FrameReader();
        const received: Buffer[] = [];
        let at = 0;
        for (const cut of [...cuts, stream.length]) {
          reader.push(stream.subarray(at, at + cut), (bytes) => received.push(Buffer.from(bytes)));
          at += cut;
        }
        assert.deepEqual(
          received,
          sent.map((bytes) => Buffer.from(bytes)),
        );
      }),
    );
  });

  it('takes frames up to 64 KiB and no others', () => {
    let received = 0;
    new FrameReader().push(frame(Buffer.alloc(maxReplyBytes)), () => (received += 1));
    assert.equal(received, 1);
    for (const length of [0, -1, maxReplyBytes + 1, 0x7fff_ffff]) {
      const head = Buffer.alloc(4);
      head.writeInt32BE(length);
      assert.throws(() => new FrameReader().push(head, () => {}), { code: 'ERR_FLUME_PROTOCOL' }, String(length));
    }
  });

  const strangers: [string, string | Buffer, RegExp][] = [
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n', /it speaks HTTP/],
    ['a TLS server', Buffer.from('15030300020246', 'hex'), /it speaks TLS/],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.2\r\n', /it speaks SSH/],
    ['an unframed Thrift server', Buffer.from('8241010661', 'hex'), /unframed Thrift/],
    ['somebody else', Buffer.from('ffffffff', 'hex'), /a frame of -1 bytes/],
  ];
  for (const [who, bytes, message] of strangers) {
    it(`recognises ${who}`, () => {
      assert.throws(() => new FrameReader().push(Buffer.from(bytes as string), () => {}), { message });
    });
  }
});
