// A spool that a dead writer left, damaged in ways that a seed gives; and what a channel must make of it: it does not throw,
// it gives no event that is not one of the written ones, and all whose bytes are still whole.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { FileChannel } from '../../src/channel/file-channel.ts';
import { headerBytes, recordHeadBytes, sealRecord, segmentName, writeHeader } from '../../src/channel/segment.ts';
import { hostId } from '../../src/channel/spool-owner.ts';
import { systemClock } from '../../src/clock.ts';
import { binaryProtocol } from '../../src/thrift/binary-protocol.ts';
import { bodies } from './channel-model.ts';

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
  readonly start: number;
  readonly end: number;
}

/** A file's bytes, and for each where it was in the file that was written; -1 where it is another byte. */
interface Bytes {
  values: number[];
  origins: number[];
}

export interface DamageOutcome {
  readonly written: number;
  readonly intact: number;
  readonly delivered: number;
}

const salt = 0x1a2b3c4d;
const noHeaders = binaryProtocol.fixHeaders([]);

/** Writes a spool in `dir`, damages it, and reads it back. */
export async function damageCase(dir: string, seed: number): Promise<DamageOutcome> {
  const random = randomOf(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const { bytes, written } = segmentOf(1 + below(40), random);
  const file: Bytes = { values: [...bytes], origins: [...bytes.keys()] };
  for (let count = 1 + below(4); count > 0; count--) damage(file, below);

  const folder = path.join(dir, `w-00000000-${hostId}-1-0123456789ab`);
  fs.mkdirSync(folder, { mode: 0o700 });
  const name = segmentName({ number: 1, protocol: 'binary', salt });
  fs.writeFileSync(path.join(folder, name), Buffer.from(file.values), { mode: 0o600 });
  if (below(4) === 0)
    fs.writeFileSync(path.join(folder, name.replace('.seg', '.ack')), Buffer.alloc(below(40), below(256)));
  // Of a boot before this one.
  fs.utimesSync(folder, 1, 1);

  let damaged = 0;
  const channel = new FileChannel(
    binaryProtocol,
    [],
    { dir, maxBytes: 2 ** 24, minFreeBytes: 0, fsync: 'never', whenFull: 'drop-newest' },
    { clock: systemClock },
    {
      settled: (from, to, how) => {
        if (how === 'damaged') damaged += to - from;
      },
      arrived: () => {},
      warn: () => {},
    },
  );
  await channel.recover();
  const delivered: string[] = [];
  for (let batch = channel.take(7, 1e6); batch !== undefined; batch = channel.take(7, 1e6)) {
    delivered.push(...bodies(batch));
    batch.commit();
  }
  assert.equal(channel.recovered, delivered.length + damaged, `seed ${seed}: the books`);
  await channel.close();

  const intact = written.filter((one) => isIntact(one, file.origins)).map(({ body }) => body);
  const known = written.map(({ body }) => body);
  let at = -1;
  for (const body of delivered) {
    const next = known.indexOf(body, at + 1);
    assert.ok(next > at, `seed ${seed}: an event that was not written, or not in this order: ${body.slice(0, 20)}`);
    at = next;
  }
  const missing = intact.filter((body) => !delivered.includes(body));
  assert.deepEqual(missing, [], `seed ${seed}: intact, and not delivered`);
  const left = fs.readdirSync(dir).filter((entry) => entry !== 'set-aside');
  assert.deepEqual(left, [], `seed ${seed}: left behind`);
  return { written: written.length, intact: intact.length, delivered: delivered.length };
}

function segmentOf(count: number, random: () => number): { bytes: Buffer; written: Written[] } {
  const parts = [writeHeader({ number: 1, protocol: 'binary', salt }, 1_700_000_000_000)];
  const written: Written[] = [];
  let start = headerBytes;
  for (let index = 0; index < count; index++) {
    const body = `${index}:${'x'.repeat(Math.floor(random() ** 3 * 600))}`;
    const record = Buffer.alloc(recordHeadBytes + binaryProtocol.eventSize(noHeaders, [], body));
    binaryProtocol.writeEvent(record, recordHeadBytes, noHeaders, [], body);
    sealRecord(record, 0, record.length, index, salt);
    parts.push(record);
    written.push({ body, start, end: start + record.length });
    start += record.length;
  }
  return { bytes: Buffer.concat(parts), written };
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
