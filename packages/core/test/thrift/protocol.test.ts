import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FlumeError } from '../../src/errors.ts';
import { headerList } from '../../src/event/flume-event.ts';
import type { ProtocolName } from '../../src/thrift/protocol.ts';
import { eventSizeBound, type Method, noRoom } from '../../src/thrift/protocol.ts';
import { protocolNamed } from '../../src/thrift/protocols.ts';
import { Reader, type Reply } from '../../src/thrift/reply.ts';
import { ReplyStream } from '../../src/thrift/reply-stream.ts';
import { callFrame, replyMessage, type WitnessEvent } from './witness.ts';

// The generated code throws on the first of these names and loses the second; ours carries both (see below).
const witnessLoses = ['hasOwnProperty', '__proto__'];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  // Around each width of a length in the compact protocol, and of what is written by a loop.
  fc.constantFrom(39, 40, 41, 42, 43, 127, 128, 5461, 5462, 16_383, 16_384).map((length) => 'a'.repeat(length)),
  fc.constantFrom('é', '日', '😀', '\ud800').chain((unit) => fc.nat({ max: 200 }).map((count) => unit.repeat(count))),
);
const headers = fc
  .dictionary(
    text.filter((name) => !witnessLoses.includes(name)),
    text,
    { maxKeys: 20 },
  )
  // A null prototype would upset the witness.
  .map((dictionary) => ({ ...dictionary }));
const event = fc.record({ headers, body: fc.oneof(text, fc.uint8Array({ maxLength: 2000 })) });
const sequenceId = fc.oneof(
  fc.constantFrom(1, 127, 128, 16_383, 16_384, 0x7fff_ffff),
  fc.integer({ min: 1, max: 0x7fff_ffff }),
);

function ourFrame(
  name: ProtocolName,
  method: Method,
  id: number,
  events: readonly { headers: Record<string, string>; body: string | Uint8Array }[],
  fixed: Record<string, string> = {},
): Buffer {
  const protocol = protocolNamed(name);
  const fixedHeaders = protocol.fixHeaders(headerList(fixed));
  const parts = events.map(({ headers: own, body }) => {
    const list = headerList(own);
    const size = protocol.eventSize(fixedHeaders, list, body);
    assert.ok(size <= eventSizeBound(protocol, fixedHeaders, list, body));
    const bytes = Buffer.alloc(size);
    assert.equal(protocol.writeEvent(bytes, 0, fixedHeaders, list, body), size);
    const read = protocol.readEvent(new Reader(bytes));
    const wellFormed = (text: string): string => text.toWellFormed();
    assert.deepEqual(new Map(pairs(read.headers)), new Map(pairs([...headerList(fixed), ...list].map(wellFormed))));
    assert.deepEqual(read.body, Buffer.from(body as string));
    return bytes;
  });
  const payload = Buffer.concat(parts);
  const view = method === 'append' ? payload.subarray(protocol.separatorBytes) : payload;
  return Buffer.concat([protocol.callHead(method, id, events.length, view.length), view, protocol.callTail(method)]);
}

function pairs(list: readonly string[]): [string, string][] {
  return Array.from({ length: list.length / 2 }, (_, index) => [
    list[2 * index] as string,
    list[2 * index + 1] as string,
  ]);
}

/** Reads a whole message as a framed one. */
function readReply(name: ProtocolName, message: Buffer): Reply {
  let reply: Reply | undefined;
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  new ReplyStream(protocolNamed(name), true).push(Buffer.concat([length, message]), (one) => {
    reply = one;
  });
  assert.ok(reply);
  return reply;
}

const witness = ({
  headers: own,
  body,
}: {
  headers: Record<string, string>;
  body: string | Uint8Array;
}): WitnessEvent => ({
  headers: own,
  body: Buffer.from(body as string),
});

/** What the thrift package should have written: in JSON it leaves control characters as they are, which is no JSON. */
function witnessFrame(name: ProtocolName, method: Method, id: number, events: readonly WitnessEvent[]): Buffer {
  const frame = callFrame(name, method, id, events);
  if (name !== 'json') return frame;
  // oxlint-disable-next-line no-control-regex
  const escaped = frame.toString('utf8', 4).replace(/[\0-\x1f]/g, (char) => JSON.stringify(char).slice(1, -1));
  // Nor is base64 padded: see eventText().
  const unpadded = escaped.replace(/("2":\{"str":"[\w+/]*)=+"/g, '$1"');
  const fixed = Buffer.from(`    ${unpadded}`);
  fixed.writeInt32BE(fixed.length - 4);
  return fixed;
}

for (const name of ['compact', 'binary', 'json'] as const) {
  describe(`${name} protocol`, () => {
    it('writes append as the thrift package does', () => {
      fc.assert(
        fc.property(sequenceId, event, (id, one) => {
          assert.deepEqual(ourFrame(name, 'append', id, [one]), witnessFrame(name, 'append', id, [witness(one)]));
        }),
        { numRuns: 500 },
      );
    });

    it('writes appendBatch as the thrift package does', () => {
      fc.assert(
        fc.property(sequenceId, fc.array(event, { maxLength: 20 }), (id, events) => {
          const expected = witnessFrame(name, 'appendBatch', id, events.map(witness));
          assert.deepEqual(ourFrame(name, 'appendBatch', id, events), expected);
        }),
        { numRuns: 300 },
      );
    });

    it('writes batches around the widths of a list header', () => {
      for (const count of [0, 1, 14, 15, 16, 127, 128, 300]) {
        const events = Array.from({ length: count }, (_, index) => ({ headers: {}, body: String(index) }));
        assert.deepEqual(
          ourFrame(name, 'appendBatch', 7, events),
          witnessFrame(name, 'appendBatch', 7, events.map(witness)),
        );
      }
    });

    it('writes fixed headers before the others, as one map', () => {
      fc.assert(
        fc.property(headers, event, (fixed, one) => {
          const own = Object.fromEntries(Object.entries(one.headers).filter(([key]) => !Object.hasOwn(fixed, key)));
          // Integer-like names would change places in an object: the witness takes what we wrote in the order we wrote it.
          const expected = { ...fixed, ...own };
          fc.pre(Object.keys(expected).join() === [...Object.keys(fixed), ...Object.keys(own)].join());
          assert.deepEqual(
            ourFrame(name, 'append', 1, [{ headers: own, body: one.body }], fixed),
            witnessFrame(name, 'append', 1, [witness({ headers: expected, body: one.body })]),
          );
        }),
      );
    });

    it('writes an event as far as the target reaches, or says that there is no room', () => {
      const protocol = protocolNamed(name);
      fc.assert(
        fc.property(event, headers, fc.nat(), ({ headers: own, body }, fixed, cut) => {
          const fixedHeaders = protocol.fixHeaders(headerList(fixed));
          const list = headerList(own);
          const size = protocol.eventSize(fixedHeaders, list, body);
          const expected = Buffer.alloc(size);
          assert.equal(protocol.writeEvent(expected, 0, fixedHeaders, list, body), size);
          for (const more of [0, 1, 2, 3, 4, 300, 3 * size]) {
            const roomy = Buffer.alloc(3 + size + more);
            assert.equal(protocol.writeEvent(roomy, 3, fixedHeaders, list, body), 3 + size);
            assert.deepEqual(roomy.subarray(3, 3 + size), expected);
          }
          for (const less of [1, 2, 3, 4, 5, 1 + (cut % size)]) {
            const tight = Buffer.alloc(3 + Math.max(0, size - less));
            assert.equal(protocol.writeEvent(tight, 3, fixedHeaders, list, body), noRoom);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('writes an event of more headers than one byte can count', () => {
      for (const count of [126, 127, 128, 129, 300]) {
        const own = Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, 'x']));
        assert.deepEqual(
          ourFrame(name, 'append', 1, [{ headers: own, body: '' }]),
          witnessFrame(name, 'append', 1, [witness({ headers: own, body: '' })]),
        );
      }
    });

    it('carries header names that are members of every object', () => {
      const names = ['hasOwnProperty', '__proto__', 'constructor', 'toString'];
      const own = JSON.parse(`{${names.map((key) => `"${key}": "x"`).join()}}`);
      const frame = ourFrame(name, 'append', 1, [{ headers: own, body: '' }]);
      for (const key of names) assert.ok(frame.includes(key), key);
    });

    it('reads every status, sequence id and exception that the thrift package writes', () => {
      const statuses = ['OK', 'FAILED', 'ERROR', 'UNKNOWN'];
      fc.assert(
        fc.property(sequenceId, fc.nat({ max: 3 }), fc.constantFrom('append', 'appendBatch'), (id, status, method) => {
          const reply = readReply(name, replyMessage(name, method, id, { status }));
          assert.deepEqual(reply, { method, sequenceId: id, result: { tag: 'status', status: statuses[status] } });
        }),
      );
      const exception = replyMessage(name, 'append', 3, { exception: 'Internal error\nprocessing append', type: 6 });
      assert.deepEqual(readReply(name, exception), {
        method: 'append',
        sequenceId: 3,
        result: { tag: 'exception', type: 6, message: 'Internal error processing append' },
      });
    });

    it('takes nothing else for a reply', () => {
      const whole = replyMessage(name, 'append', 1, { status: 0 });
      const wrong: [string, Buffer][] = [
        ['nothing', Buffer.alloc(0)],
        ['status 99', replyMessage(name, 'append', 1, { status: 99 })],
        ['status -1', replyMessage(name, 'append', 1, { status: -1 })],
        ['bytes behind it', Buffer.concat([whole, Buffer.alloc(1)])],
        ['a call', witnessFrame(name, 'append', 1, [{ headers: {}, body: Buffer.alloc(0) }]).subarray(4)],
        ['the other protocol', replyMessage(name === 'compact' ? 'binary' : 'compact', 'append', 1, { status: 0 })],
      ];
      for (let length = 0; length < whole.length; length++)
        wrong.push([`${length} bytes of it`, whole.subarray(0, length)]);
      for (const [what, message] of wrong) {
        assert.throws(
          () => readReply(name, message),
          (error) => error instanceof FlumeError && error.code === 'ERR_FLUME_PROTOCOL',
          what,
        );
      }
    });

    it('survives any bytes as a reply', () => {
      const whole = replyMessage(name, 'appendBatch', 1, { status: 0 });
      const mutated = fc
        .array(fc.record({ at: fc.nat({ max: whole.length - 1 }), byte: fc.nat({ max: 255 }) }), {
          minLength: 1,
          maxLength: 4,
        })
        .map((changes) => {
          const copy = Buffer.from(whole);
          for (const { at, byte } of changes) copy[at] = byte;
          return copy;
        });
      fc.assert(
        fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 80 })), (bytes) => {
          try {
            readReply(name, Buffer.from(bytes));
          } catch (error) {
            assert.ok(error instanceof FlumeError, String(error));
          }
        }),
        { numRuns: 20_000 },
      );
    });
  });
}
