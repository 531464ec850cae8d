import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter, maxLineBytes } from '../src/line-splitter.ts';

function split(chunks: Iterable<Buffer>): Buffer[] {
  const lines: Buffer[] = [];
  const splitter = new LineSplitter((bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end))));
  for (const chunk of chunks) {
    // As a reader does that has one buffer: what is kept of a chunk must be a copy.
    const own = Buffer.from(chunk);
    splitter.push(own);
    own.fill(0x58);
  }
  splitter.end();
  return lines;
}

test('any cut of any bytes gives the same lines', () => {
  const byte = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(0x0a, 0x0d, 0xef, 0xbb, 0xbf) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 255 }) },
  );
  const bytes = fc.array(byte, { maxLength: 200 }).map((list) => Buffer.from(list));
  const cuts = fc.array(fc.nat(200), { maxLength: 20 });
  fc.assert(
    fc.property(bytes, cuts, (text, places) => {
      const ends = [...places.filter((place) => place <= text.length), text.length].sort((a, b) => a - b);
      const chunks = ends.map((end, index) => text.subarray(index === 0 ? 0 : ends[index - 1], end));
      const expected = text
        .toString('latin1')
        .split('\n')
        .map((line) => line.replace(/^\xef\xbb\xbf/, '').replace(/\r$/, ''))
        .filter((line) => line !== '');
      assert.deepEqual(
        split(chunks).map((line) => line.toString('latin1')),
        expected,
      );
    }),
    { numRuns: 1_000 },
  );
});

test('a character may be cut in the middle', () => {
  const text = Buffer.from('日本語 🚀\nñ\n');
  const lines = split([...text].map((byte) => Buffer.of(byte)));
  assert.deepEqual(lines.map(String), ['日本語 🚀', 'ñ']);
});

test('a long line takes time in proportion', () => {
  const nanoseconds = (chunks: number): number => {
    const chunk = Buffer.alloc(1_000, 'x');
    const splitter = new LineSplitter(() => {});
    const start = process.hrtime.bigint();
    for (let count = 0; count < chunks; count++) splitter.push(chunk);
    splitter.end();
    return Number(process.hrtime.bigint() - start);
  };
  nanoseconds(1_000);
  const few = Math.min(...[1, 2, 3].map(() => nanoseconds(1_000)));
  const many = Math.min(...[1, 2, 3].map(() => nanoseconds(16_000)));
  // 16 times as much; copying all anew for each chunk would take 256 times as long.
  assert.ok(many < 100 * few, `${many} ns for 16 MB, ${few} ns for 1 MB`);
});

test('CRLF ends a line as LF does, and a byte order mark before a line is none of it', () => {
  const mark = '\ufeff';
  const text = `${mark}{"a":1}\r\n\r\n\r\nb\rc\r\r\n${mark}\r\n${mark}d\n${mark}\ne${mark}\n${mark}`;
  for (const size of [1, 2, 3, 5, 1_000]) {
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    assert.deepEqual(split(chunks).map(String), ['{"a":1}', 'b\rc\r', 'd', `e${mark}`], `${size}`);
  }
});

test('input without a newline is bounded, and how long it was is known', () => {
  const mebibyte = Buffer.alloc(1024 * 1024, 'x');
  const seen: [number, number][] = [];
  const splitter = new LineSplitter((_bytes, start, end, skipped) => seen.push([end - start, skipped]));
  for (let count = 0; count < 18; count++) splitter.push(mebibyte);
  splitter.push(Buffer.from('tail\nnext\n'));
  for (let count = 0; count < 17; count++) splitter.push(mebibyte);
  splitter.push(Buffer.from('tail\r'));
  splitter.push(Buffer.from('\n'));
  assert.deepEqual(seen, [
    [maxLineBytes, 2 * mebibyte.length + 4],
    [4, 0],
    [maxLineBytes, mebibyte.length + 4],
  ]);
});
