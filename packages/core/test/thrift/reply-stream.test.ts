import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ProtocolName } from '../../src/thrift/protocol.ts';
import { protocolNamed } from '../../src/thrift/protocols.ts';
import type { Reply } from '../../src/thrift/reply.ts';
import { maxReplyBytes, ReplyStream } from '../../src/thrift/reply-stream.ts';
import { replyMessage } from './witness.ts';

const names: ProtocolName[] = ['compact', 'binary', 'json'];

function framed(message: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}

describe('ReplyStream', () => {
  for (const name of names) {
    for (const isFramed of [true, false]) {
      it(`gives the same replies however the stream is cut: ${name}, ${isFramed ? 'framed' : 'unframed'}`, () => {
        const result = fc.oneof(
          fc.record({ status: fc.nat({ max: 3 }) }),
          fc.record({
            exception: fc.string({ maxLength: 30 }).map((text) => text.replace(/\p{C}/gu, '')),
            type: fc.nat({ max: 10 }),
          }),
        );
        fc.assert(
          fc.property(fc.array(result, { maxLength: 6 }), fc.array(fc.nat({ max: 30 })), (results, cuts) => {
            const messages = results.map((one, index) => replyMessage(name, 'append', index + 1, one));
            const bytes = Buffer.concat(isFramed ? messages.map(framed) : messages);
            const stream = new ReplyStream(protocolNamed(name), isFramed);
            const replies: Reply[] = [];
            let at = 0;
            for (const cut of [...cuts, bytes.length]) {
              stream.push(bytes.subarray(at, at + cut), (reply) => replies.push(reply));
              at += cut;
            }
            assert.deepEqual(
              replies.map(({ sequenceId }) => sequenceId),
              results.map((_one, index) => index + 1),
            );
          }),
        );
      });
    }
  }

  it('takes frames of 1 to 64 KiB and no others, and as much unframed', () => {
    for (const length of [0, -1, maxReplyBytes + 1, 0x7fff_ffff]) {
      const head = Buffer.alloc(4);
      head.writeInt32BE(length);
      const stream = new ReplyStream(protocolNamed('compact'), true);
      assert.throws(() => stream.push(head, () => {}), { code: 'ERR_FLUME_PROTOCOL' }, String(length));
    }
    const large = replyMessage('compact', 'append', 1, { exception: 'x'.repeat(maxReplyBytes - 40), type: 6 });
    let replies = 0;
    new ReplyStream(protocolNamed('compact'), true).push(framed(large), () => (replies += 1));
    assert.equal(replies, 1);
    const endless = new ReplyStream(protocolNamed('json'), false);
    assert.throws(() => {
      for (let count = 0; count < 100; count++) endless.push(Buffer.alloc(1024, '['), () => {});
    }, /without an end/);
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
      assert.throws(
        () => new ReplyStream(protocolNamed('compact'), true).push(Buffer.from(bytes as string), () => {}),
        { message },
      );
    });
  }

  it('recognises them without frames too, but not itself', () => {
    for (const [who, bytes, message] of strangers.filter(([who]) => /HTTP|TLS|SSH/.test(who))) {
      const stream = new ReplyStream(protocolNamed('compact'), false);
      assert.throws(() => stream.push(Buffer.from(bytes as string), () => {}), { message }, who);
    }
    new ReplyStream(protocolNamed('compact'), false).push(Buffer.from('8241', 'hex'), () => assert.fail());
  });
});
