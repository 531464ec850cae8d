// Encoded events that are read back, also those that nobody wrote.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compactProtocol } from '../../src/thrift/compact-protocol.ts';
import { decoded, largestEvent } from '../../src/thrift/encoded-events.ts';

const fixed = compactProtocol.fixHeaders([]);
const encoded = (body: string): Buffer => {
  const bytes = Buffer.alloc(compactProtocol.eventSize(fixed, ['a', 'b'], body));
  compactProtocol.writeEvent(bytes, 0, fixed, ['a', 'b'], body);
  return bytes;
};

describe('encoded events', () => {
  it('are read back, and the largest is found', () => {
    const views = [encoded('one'), encoded('a longer one'), encoded('two')];
    const bodies = decoded(compactProtocol, { count: 3, views }).map(({ body }) => String(body));
    assert.deepEqual(bodies, ['one', 'a longer one', 'two']);
    assert.equal(largestEvent(compactProtocol, { count: 3, views }), views[1]?.length);
  });

  it('are read as far as they are some, and nothing is thrown', () => {
    const views = [encoded('one'), Buffer.from([0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])];
    assert.equal(decoded(compactProtocol, { count: 2, views }).length, 1);
    assert.equal(largestEvent(compactProtocol, { count: 2, views }), views[0]?.length);
  });
});
