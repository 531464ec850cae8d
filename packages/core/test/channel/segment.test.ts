import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { systemDisk } from '../../src/disk.ts';
import type { HeaderList } from '../../src/event/flume-event.ts';
import {
  headerBytes,
  headerVersion,
  parseSegmentName,
  recordHeadBytes,
  sealRecord,
  segmentName,
  writeHeader,
} from '../../src/store/segment.ts';
import { AckReader, SegmentAcks } from '../../src/store/segment-acks.ts';
import { SegmentReader } from '../../src/store/segment-reader.ts';
import type { Protocol } from '../../src/thrift/protocol.ts';
import { protocolNamed } from '../../src/thrift/protocols.ts';
import { Reader } from '../../src/thrift/reply.ts';
import { damageCase } from './damaged-spool.ts';

// Written by version 1 of the format. They are never written anew: a later version must read them as they are.
const golden = path.join(import.meta.dirname, 'golden');

const events: { headers: HeaderList; body: string }[] = [
  { headers: [], body: '' },
  { headers: ['app', 'checkout', 'größe', '€'], body: 'order placed' },
  { headers: [], body: 'x'.repeat(300) },
];

function segmentBytes(protocol: Protocol, salt: number): Buffer {
  const fixed = protocol.fixHeaders([]);
  const records = events.map(({ headers, body }, index) => {
    const record = Buffer.alloc(recordHeadBytes + protocol.eventSize(fixed, headers, body));
    protocol.writeEvent(record, recordHeadBytes, fixed, headers, body);
    sealRecord(record, 0, record.length, index, salt);
    return record;
  });
  return Buffer.concat([writeHeader({ number: 1, protocol: protocol.name, salt }, 1_700_000_000_000), ...records]);
}

function readAcks(bytes: Buffer, salt: number): AckReader['ranges'] {
  const reader = new AckReader(bytes, salt);
  while (!reader.read());
  return reader.ranges;
}

/** As SegmentAcks writes it with the salt 9. */
function ackEntry(from: number, to: number): Buffer {
  const entry = Buffer.alloc(12);
  entry.writeUInt32BE(from, 0);
  entry.writeUInt32BE(to, 4);
  entry.writeUInt32BE(crc32(entry.subarray(0, 8), 9), 8);
  return entry;
}

describe('segment', () => {
  for (const name of [
    '0000000001-compact-1a2b3c4d.seg',
    '0000000001-binary-00000001.seg',
    '0000000001-json-ffffffff.seg',
  ]) {
    it(`reads and writes ${name} of format version 1`, () => {
      const { protocol: protocolName, salt, number } = parseSegmentName(name) ?? assert.fail();
      const protocol = protocolNamed(protocolName);
      const bytes = fs.readFileSync(path.join(golden, name));
      assert.equal(segmentName({ number, protocol: protocolName, salt }), name);
      assert.equal(headerVersion(bytes), 1);
      assert.deepEqual(segmentBytes(protocol, salt), bytes);

      const file = fs.openSync(path.join(golden, name), 'r');
      const reader = new SegmentReader(systemDisk, {
        handle: file,
        salt,
        from: headerBytes,
        nextIndex: 0,
        end: bytes.length,
      });
      const found: unknown[] = [];
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        if (record === 'more') {
          reader.fillAround();
          continue;
        }
        assert.equal(record.index, found.length);
        const payload = bytes.subarray(record.start + recordHeadBytes, record.end);
        const { headers, body } = protocol.readEvent(new Reader(payload));
        found.push({ headers, body: body.toString() });
      }
      fs.closeSync(file);
      assert.deepEqual(found, events);
      assert.equal(reader.segmentEnd, 'clean');
    });
  }

  it('takes no header for whole that is not', () => {
    const header = writeHeader({ number: 1, protocol: 'compact', salt: 7 }, 5);
    for (let bit = 0; bit < 8 * headerBytes; bit++) {
      const flipped = Buffer.from(header);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.equal(headerVersion(flipped), undefined, `bit ${bit}`);
    }
    assert.equal(headerVersion(header.subarray(0, 31)), undefined);
  });

  it('knows its own names only', () => {
    for (const name of [
      '1-compact-1a2b3c4d.seg',
      '0000000001-xml-1a2b3c4d.seg',
      '../0000000001-json-ffffffff.seg',
      'lock',
    ]) {
      assert.equal(parseSegmentName(name), undefined);
    }
  });

  it('merges acknowledgements, and believes no damaged ones', () => {
    const file = path.join(fs.mkdtempSync(path.join(tmpdir(), 'flume-acks-')), 'x.ack');
    const acks = new SegmentAcks(systemDisk, file, 9, undefined);
    for (const [from, to] of [
      [5, 7],
      [0, 2],
      [2, 3],
      [6, 9],
      [20, 21],
    ] as const)
      acks.add({ from, to });
    acks.close();
    const bytes = fs.readFileSync(file);
    fs.rmSync(path.dirname(file), { recursive: true });
    assert.deepEqual(readAcks(bytes, 9), [
      { from: 0, to: 3 },
      { from: 5, to: 9 },
      { from: 20, to: 21 },
    ]);
    assert.deepEqual(readAcks(bytes, 8), []);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] as number) ^ 0x10;
      const count = readAcks(flipped, 9).reduce((sum, { from, to }) => sum + to - from, 0);
      assert.ok(count < 8, `byte ${at}`);
    }
    assert.deepEqual(readAcks(bytes.subarray(0, 17), 9), [{ from: 5, to: 7 }]);
  });

  it('merges acknowledgements in any order, a part of them at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 6 })), { maxLength: 30 }),
        (given) => {
          const settled = new Set<number>();
          const entries = given.map(([from, count]) => {
            for (let index = from; index < from + count; index++) settled.add(index);
            return ackEntry(from, from + count);
          });
          const ranges = readAcks(Buffer.concat(entries), 9);
          const found = ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
          assert.deepEqual(
            found,
            [...settled].sort((a, b) => a - b),
          );
          // Two that touch are one.
          assert.ok(ranges.every(({ from }, at) => at === 0 || from > (ranges[at - 1]?.to ?? 0)));
        },
      ),
    );
    const many = Array.from({ length: 5_000 }, (_, index) => ackEntry(2 * index, 2 * index + 1));
    const reader = new AckReader(Buffer.concat(many), 9);
    const parts = [reader.read(), reader.ranges.length, reader.read(), reader.ranges.length, reader.read()];
    assert.deepEqual([...parts, reader.ranges.length, reader.read()], [false, 2_000, false, 4_000, true, 5_000, true]);
  });

  it('is read as far as it is whole, however it is damaged', { timeout: 120_000 }, async () => {
    let lost = 0;
    for (let seed = 0; seed < 2_000; seed++) {
      const dir = fs.mkdtempSync(path.join(tmpdir(), 'flume-damaged-'));
      const { written, delivered } = await damageCase(dir, seed);
      fs.rmSync(dir, { recursive: true });
      lost += written - delivered;
    }
    assert.ok(lost > 1_000, 'the damage did some');
  });
});
