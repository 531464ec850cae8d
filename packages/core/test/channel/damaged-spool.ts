// A spool that a dead writer left, damaged in ways that a seed gives; and what a channel must make of it: it does not throw,
// it gives no event that is not one of the written ones, and all whose bytes are still whole.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { SettledListener } from '../../src/channel/ledger.ts';
import { systemClock } from '../../src/clock.ts';
import { headerBytes, parseSegmentName, recordHeadBytes, recordLength } from '../../src/store/segment.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { compactProtocol } from '../../src/thrift/compact-protocol.ts';
import type { Protocol } from '../../src/thrift/protocol.ts';
import { protocolNamed } from '../../src/thrift/protocols.ts';
import { Reader } from '../../src/thrift/reply.ts';
import { bodies } from './channel-model.ts';
import { SpoolingChannel } from './spooling-channel.ts';

/** A number in [0, 1) for each call, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Written {
  readonly body: string;
  readonly isSettled: boolean;
  readonly start: number;
  readonly end: number;
}

/** A file's bytes, and for each where it was in the file that was written; -1 where it is another byte. */
interface Bytes {
  readonly name: string;
  values: number[];
  origins: number[];
}

export interface DamageOutcome {
  readonly written: number;
  readonly intact: number;
  readonly delivered: number;
}

/** Writes a spool in `dir`, damages it, and reads it back. */
export async function damageCase(dir: string, seed: number): Promise<DamageOutcome> {
  const random = randomOf(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const settledBodies = await writeSpool(dir, below(2) === 0 ? compactProtocol : binaryProtocol, random);
  const [folder = ''] = fs.readdirSync(dir);
  const files = fs.readdirSync(path.join(dir, folder)).map((name): Bytes => {
    const bytes = fs.readFileSync(path.join(dir, folder, name));
    return { name, values: [...bytes], origins: [...bytes.keys()] };
  });
  const segments = files.filter(({ name }) => name.endsWith('.seg'));
  const written = segments.map((file) => recordsOf(file, settledBodies));
  const damagedAcks = new Set<string>();
  for (let count = 1 + below(4); count > 0; count--) {
    const file = files[below(files.length)] as Bytes;
    damage(file, below);
    if (file.name.endsWith('.ack')) damagedAcks.add(file.name);
  }
  for (const { name, values } of files) fs.writeFileSync(path.join(dir, folder, name), Buffer.from(values));

  const { delivered, damaged, recovered } = await readSpool(dir);
  assert.equal(recovered, delivered.length + damaged, `seed ${seed}: the books`);
  const known = written.flat();
  let at = -1;
  for (const body of delivered) {
    const next = known.findIndex((one, index) => index > at && one.body === body);
    assert.ok(next > at, `seed ${seed}: an event that was not written, or not in this order: ${body.slice(0, 20)}`);
    at = next;
  }
  const found = new Set(delivered);
  let intact = 0;
  for (const [index, file] of segments.entries()) {
    const canKnow = !damagedAcks.has(file.name.replace('.seg', '.ack'));
    for (const one of written[index] as Written[]) {
      if (one.isSettled) {
        assert.ok(!canKnow || !found.has(one.body), `seed ${seed}: settled, and delivered: ${one.body.slice(0, 20)}`);
      } else if (isIntact(one, file.origins)) {
        intact += 1;
        assert.ok(found.has(one.body), `seed ${seed}: intact, and not delivered: ${one.body.slice(0, 20)}`);
      }
    }
  }
  const left = fs.readdirSync(dir).filter((entry) => entry !== 'set-aside');
  assert.deepEqual(left, [], `seed ${seed}: left behind`);
  return { written: known.filter(({ isSettled }) => !isSettled).length, intact, delivered: delivered.length };
}

/** Puts events, of which some batches are committed. @returns the bodies of those */
async function writeSpool(dir: string, protocol: Protocol, random: () => number): Promise<Set<string>> {
  const channel = openAt(dir, protocol, () => {});
  const count = 1 + Math.floor(random() * 40);
  const sent = Array.from({ length: count }, (_, index) => `${index}:${'x'.repeat(Math.floor(random() ** 3 * 600))}`);
  for (const body of sent) assert.equal(channel.put([], body, false), undefined);
  const settled = new Set<string>();
  const batches = Array.from({ length: Math.floor(random() * 6) }, () =>
    channel.take(1 + Math.floor(random() * 5), 1e6),
  );
  let at = 0;
  for (const batch of batches) {
    if (batch === undefined) break;
    if (random() < 0.5) {
      batch.commit();
      for (const body of sent.slice(at, at + batch.count)) settled.add(body);
    }
    at += batch.count;
  }
  // One that is never settled, so that there is a spool.
  assert.equal(channel.put([], 'last', false), undefined);
  await channel.close();
  return settled;
}

async function readSpool(dir: string): Promise<{ delivered: string[]; damaged: number; recovered: number }> {
  let damaged = 0;
  const channel = openAt(dir, binaryProtocol, (from, to, how) => {
    if (how === 'damaged') damaged += to - from;
  });
  const delivered: string[] = [];
  // As much at a time as there is room for.
  for (let before = -1; before < channel.recovered; ) {
    before = channel.recovered;
    await channel.recover();
    for (let batch = channel.take(7, 1e6); batch !== undefined; batch = channel.take(7, 1e6)) {
      delivered.push(...bodies(batch));
      batch.commit();
    }
  }
  await channel.close();
  return { delivered, damaged, recovered: channel.recovered };
}

function openAt(dir: string, protocol: Protocol, settled: SettledListener): SpoolingChannel {
  return new SpoolingChannel(
    protocol,
    [],
    // Of so few bytes, segments have 4 KiB.
    { type: 'file', dir, maxBytes: 64 * 1024, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest' },
    { clock: systemClock },
    { settled, arrived: () => {}, warn: () => {} },
  );
}

function recordsOf({ name, values }: Bytes, settled: ReadonlySet<string>): Written[] {
  const { protocol } = parseSegmentName(name) ?? assert.fail(name);
  const bytes = Buffer.from(values);
  const written: Written[] = [];
  for (let start = headerBytes; start < bytes.length; ) {
    const end = start + recordHeadBytes + recordLength(bytes, start);
    const payload = bytes.subarray(start + recordHeadBytes, end);
    const body = protocolNamed(protocol).readEvent(new Reader(payload)).body.toString();
    written.push({ body, isSettled: settled.has(body), start, end });
    start = end;
  }
  return written;
}

function damage(file: Bytes, below: (most: number) => number): void {
  const { values, origins } = file;
  const at = below(values.length);
  const length = Math.min(values.length - at, 1 + below(below(2) === 0 ? 8 : 400));
  const kind = below(6);
  if (kind === 0 && values.length > 0) {
    values[at] = (values[at] as number) ^ (1 << below(8));
    origins[at] = -1;
  } else if (kind === 1) {
    values.length = at;
    origins.length = at;
  } else if (kind === 2) {
    values.splice(at, length);
    origins.splice(at, length);
  } else {
    const other = Array.from({ length }, () => (kind === 3 ? 0 : below(256)));
    if (kind === 5) {
      values.splice(at, 0, ...other);
      origins.splice(at, 0, ...other.map(() => -1));
    } else {
      for (const [index, value] of other.entries()) {
        if (values[at + index] !== value) origins[at + index] = -1;
        values[at + index] = value;
      }
    }
  }
}

/** All bytes of the record still stand one behind the other. */
function isIntact({ start, end }: Written, origins: readonly number[]): boolean {
  const at = origins.indexOf(start);
  if (at < 0) return false;
  for (let offset = start; offset < end; offset++) if (origins[at + offset - start] !== offset) return false;
  return true;
}
