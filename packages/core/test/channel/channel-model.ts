// The model of a channel: what is queued, by ordinal, and which of it is open. All channels must behave as it does.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Transaction } from '../../src/channel/channel.ts';
import type { ChannelFace as Channel } from './spooling-channel.ts';

// An event with a body of n bytes takes 17 + n bytes in the binary protocol, which keeps the sums readable.
export const overhead = 17;

export interface Settled {
  from: number;
  to: number;
  how: string;
}

export const put = (channel: Channel, body: string, low = false): boolean => channel.put([], body, low) === undefined;

export function bodies(batch: Transaction): string[] {
  const bytes = Buffer.concat(batch.views as Uint8Array[]);
  assert.equal(bytes.length, batch.byteLength);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32BE(at + 12);
    found.push(bytes.toString('utf8', at + 16, at + 16 + length));
    at += overhead + length;
  }
  assert.equal(found.length, batch.count);
  return found;
}

/** The bodies of all events that can be taken, which leave the channel. */
export function all(channel: Channel): string[] {
  const found: string[] = [];
  for (let batch = channel.take(100, 1e6); batch !== undefined; batch = channel.take(100, 1e6)) {
    found.push(...bodies(batch));
    batch.commit();
  }
  return found;
}

export const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `${from + index}`);

export const taken = (batch: Transaction | undefined): Transaction => {
  assert.ok(batch);
  return batch;
};

export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!holds()) {
    assert.ok(performance.now() < end, `not within 5 s: ${String(holds)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export type Call =
  | { readonly tag: 'put'; readonly size: number; readonly low: boolean }
  | { readonly tag: 'take'; readonly events: number; readonly bytes: number }
  | { readonly tag: 'commit' | 'rollback' | 'drop'; readonly which: number };

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      tag: fc.constant('put' as const),
      size: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 9000 })),
      low: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      tag: fc.constant('take' as const),
      events: fc.integer({ min: 1, max: 9 }),
      bytes: fc.integer({ min: 1, max: 6000 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      tag: fc.constantFrom('commit' as const, 'rollback' as const, 'drop' as const),
      which: fc.nat({ max: 5 }),
    }),
  },
);
export const calls: fc.Arbitrary<Call[]> = fc.array(call, { maxLength: 200 });

/**
 * Makes the calls and holds every answer against the model. `within` checks the bounds after each.
 *
 * @returns the bodies of what is queued in the end, in order
 */
export function followModel(
  channel: Channel,
  settled: readonly Settled[],
  made: readonly Call[],
  within: () => void,
): string[] {
  const expected = new Map<number, string>();
  const open_: { batch: Transaction; ordinals: number[] }[] = [];
  let ordinal = 0;
  for (const one of made) {
    const before = settled.length;
    if (one.tag === 'put') {
      const body = `${ordinal}:`.padEnd(one.size, 'x');
      if (put(channel, body, one.low)) expected.set(ordinal++, body);
    } else if (one.tag === 'take') {
      const batch = channel.take(one.events, one.bytes);
      if (batch !== undefined) {
        const free = [...expected.keys()]
          .filter((key) => !open_.some(({ ordinals }) => ordinals.includes(key)))
          .sort((a, b) => a - b);
        const ordinals = free.slice(0, batch.count);
        assert.deepEqual(
          bodies(batch),
          ordinals.map((key) => expected.get(key)),
        );
        assert.ok(batch.count <= one.events);
        assert.ok(batch.count === 1 || batch.byteLength <= one.bytes);
        open_.push({ batch, ordinals });
      } else {
        assert.equal(channel.availableEvents, 0);
      }
    } else {
      const [entry] = open_.splice(one.which, 1);
      if (one.tag === 'rollback') entry?.batch.rollback();
      else if (one.tag === 'commit') entry?.batch.commit();
      else entry?.batch.drop('attempts');
    }
    for (const { from, to } of settled.slice(before)) {
      for (let key = from; key < to; key++) assert.ok(expected.delete(key), `${key} settled twice`);
    }
    const openEvents = open_.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
    const bytes = [...expected.values()].reduce((sum, body) => sum + overhead + body.length, 0);
    assert.equal(channel.queuedEvents, expected.size);
    assert.equal(channel.queuedBytes, bytes);
    assert.equal(channel.availableEvents, expected.size - openEvents);
    assert.equal(channel.tail, ordinal);
    within();
  }
  return [...expected.values()];
}
