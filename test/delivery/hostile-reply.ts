// A case of a hostile peer, made from a seed: some calls, the right replies to them, and what the peer sends instead, in
// which pieces, and how it leaves. The same seed makes the same case.

import { replyMessage, type WitnessProtocol } from '../../packages/core/test/thrift/witness.ts';
import { Chance } from './chance.ts';

type Method = 'append' | 'appendBatch';

export interface HostileCase {
  readonly seed: number;
  readonly protocol: WitnessProtocol;
  readonly framed: boolean;
  /** The methods of the calls, whose sequence ids are 1, 2, … */
  readonly calls: readonly Method[];
  /** The statuses of the right replies; undefined is an exception. */
  readonly statuses: readonly (number | undefined)[];
  /** What the peer sends, in pieces. */
  readonly chunks: readonly Buffer[];
  /** The right replies, unchanged. */
  readonly isRight: boolean;
  /** How the peer leaves: FIN, RST, or not at all. */
  readonly leaves: 'end' | 'reset' | 'silence';
  /** What was done to the replies. */
  readonly story: string;
}

export function hostileCase(seed: number): HostileCase {
  const chance = new Chance(seed);
  const protocol = chance.pick<WitnessProtocol>([
    'compact',
    'compact',
    'compact',
    'binary',
    'binary',
    'binary',
    'json',
  ]);
  const framed = chance.is(protocol === 'json' ? 0.5 : 0.9);
  const calls = Array.from({ length: chance.integer(1, 4) }, () => chance.pick<Method>(['append', 'appendBatch']));
  const statuses = calls.map(() => (chance.is(0.8) ? 0 : chance.pick([1, 2, 3, undefined])));
  const replies = calls.map((method, index) => ({ method, sequenceId: index + 1, status: statuses[index], type: 2 }));
  const draft: Draft = { chance, protocol, framed, replies };

  const story: string[] = [];
  if (chance.is(0.5)) {
    const change = chance.pick(Object.keys(meanings));
    story.push(change);
    (meanings[change] as Meaning)(draft);
  }
  let bytes: Buffer = Buffer.concat(draft.replies.map((reply) => encode(reply, draft)));
  const rounds = story.length === 0 ? chance.pick([0, 1, 1, 1, 1, 1, 2, 3]) : chance.pick([0, 0, 0, 1]);
  for (let round = 0; round < rounds; round++) {
    const change = chance.pick(Object.keys(damages));
    story.push(change);
    bytes = (damages[change] as Damage)(bytes, chance);
  }
  return {
    seed,
    protocol,
    framed,
    calls,
    statuses,
    chunks: pieces(bytes, chance),
    isRight: story.length === 0,
    leaves: chance.pick(['end', 'reset', 'silence']),
    story: `seed ${seed}: ${protocol}${framed ? '' : ' unframed'}, ${calls.length} calls, ${story.join(', ') || 'right'}`,
  };
}

interface Draft {
  readonly chance: Chance;
  readonly protocol: WitnessProtocol;
  readonly framed: boolean;
  readonly replies: { method: string; sequenceId: number; status: number | undefined; type: number }[];
}

function encode({ method, sequenceId, status, type }: Draft['replies'][number], { protocol, framed }: Draft): Buffer {
  const result = status === undefined ? { exception: 'Internal error', type: 6 } : { status };
  const message = Buffer.from(replyMessage(protocol, method, sequenceId, result));
  // CALL and ONEWAY, which the witness does not write: its replies have the type in one byte.
  if (type !== 2 && protocol === 'compact') message[1] = (type << 5) | 1;
  if (type !== 2 && protocol === 'binary') message[3] = type;
  return framed ? withLength(message) : message;
}

function withLength(message: Buffer, length: number = message.length): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(length | 0);
  return Buffer.concat([prefix, message]);
}

type Meaning = (draft: Draft) => void;

/** Well-formed, and wrong. */
const meanings: Record<string, Meaning> = {
  'sequence ids swapped': ({ chance, replies }) => {
    const [one, other] = [chance.pick(replies), chance.pick(replies)];
    [one.sequenceId, other.sequenceId] = [other.sequenceId, one.sequenceId];
  },
  'replies swapped': ({ chance, replies }) => {
    replies.splice(chance.integer(0, replies.length), 0, ...replies.splice(0, 1));
  },
  'a foreign sequence id': ({ chance, replies }) => {
    chance.pick(replies).sequenceId = chance.pick([0, -1, 5, 0x7fff_ffff, -0x8000_0000, chance.integer(2, 1e9)]);
  },
  'another method': ({ chance, replies }) => {
    const names = [
      'append',
      'appendBatch',
      '',
      'Append',
      'append\0',
      '__proto__',
      'x'.repeat(60_000),
      '\u202e\u0007\n',
    ];
    chance.pick(replies).method = chance.pick(names);
  },
  'another type': ({ chance, replies }) => {
    chance.pick(replies).type = chance.pick([0, 1, 3, 4, 7]);
  },
  'another status': ({ chance, replies }) => {
    chance.pick(replies).status = chance.pick([4, 99, -1, 0x7fff_ffff, -0x8000_0000, 1, 2, 3]);
  },
  'a reply twice': ({ chance, replies }) => {
    const reply = chance.pick(replies);
    replies.splice(replies.indexOf(reply), 0, { ...reply });
  },
  'a reply too many': ({ replies }) => {
    replies.push({ method: 'append', sequenceId: replies.length + 1, status: 0, type: 2 });
  },
};

type Damage = (bytes: Buffer, chance: Chance) => Buffer;

const damages: Record<string, Damage> = {
  'bits flipped': (bytes, chance) => {
    const changed = Buffer.from(bytes);
    for (let count = chance.integer(1, 4); count > 0; count--) {
      const at = chance.integer(0, changed.length - 1);
      changed[at] = (changed[at] ?? 0) ^ (1 << chance.integer(0, 7));
    }
    return changed;
  },
  'bytes replaced': (bytes, chance) => {
    const changed = Buffer.from(bytes);
    for (let count = chance.integer(1, 3); count > 0; count--) {
      changed[chance.integer(0, changed.length - 1)] = chance.pick([0, 1, 0x7f, 0x80, 0xff, chance.integer(0, 255)]);
    }
    return changed;
  },
  'cut short': (bytes, chance) => bytes.subarray(0, chance.integer(0, bytes.length)),
  'bytes put in': (bytes, chance) => {
    const at = chance.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), noise(chance, chance.integer(1, 8)), bytes.subarray(at)]);
  },
  'bytes taken out': (bytes, chance) => {
    const at = chance.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + chance.integer(1, 8))]);
  },
  'a part twice': (bytes, chance) => {
    const from = chance.integer(0, bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(chance.integer(0, from))]);
  },
  'another length': (bytes, chance) => {
    const length = bytes.length < 4 ? 0 : bytes.readInt32BE(0);
    const near = length + chance.integer(-4, 4);
    const lengths = [near, near, 0, -1, 1, 65_536, 65_537, 0x7fff_ffff, -0x8000_0000, chance.integer(-1e9, 1e9)];
    return withLength(bytes.subarray(4), chance.pick(lengths));
  },
  'more behind': (bytes, chance) => Buffer.concat([bytes, noise(chance, chance.integer(1, 64))]),
  'no end': (bytes, chance) => {
    const length = chance.integer(60_000, 140_000);
    const start = chance.is(0.5) ? bytes : withLength(bytes.subarray(4), chance.integer(60_000, 65_536));
    return Buffer.concat([
      start,
      chance.is(0.5) ? Buffer.alloc(length, chance.pick(['[', '"', '\0'])) : noise(chance, length),
    ]);
  },
  'nothing but noise': (_bytes, chance) => noise(chance, chance.integer(0, 200)),
  'noise in a right frame': (_bytes, chance) => withLength(noise(chance, chance.integer(1, 60))),
};

function noise(chance: Chance, length: number): Buffer {
  const at = chance.integer(0, allNoise.length - length);
  return Buffer.from(allNoise.subarray(at, at + length));
}

const noiseChance = new Chance(0);
const allNoise = Buffer.from(Array.from({ length: 1 << 20 }, () => noiseChance.integer(0, 255)));

/** Cut anywhere: in one piece, byte by byte, or by chance. */
function pieces(bytes: Buffer, chance: Chance): Buffer[] {
  const most = bytes.length > 4_096 ? chance.pick([1_460, 16_384, 65_536]) : chance.pick([1, 3, 20, 1_000, 1_000_000]);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = chance.integer(1, most);
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}
