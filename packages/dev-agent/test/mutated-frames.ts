// A program that reads mutated frames and prints what became of them: its memory can be limited.
//   mutated-frames.ts <protocol> <count> <seed>
import type { ProtocolName } from '../src/index.ts';
import { MessageCodec } from '../src/message.ts';
import { FramedReader } from '../src/request-reader.ts';
import { encodeCall, frameOf } from './raw-client.ts';

export interface MutationReport {
  read: number;
  refused: number;
  closed: number;
  slowestMs: number;
}

const protocol = process.argv[2] as ProtocolName;
const [count = 0, seed = 0] = process.argv.slice(3).map(Number);

/** Mulberry32. */
let state = seed;
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
}

const event = (size: number): { headers: Record<string, string>; body: Buffer } => {
  return { headers: { level: 'info', app: 'checkout', empty: '' }, body: Buffer.alloc(size, 'body ') };
};
const seeds = [event(0), event(200), [], [event(3)], Array.from({ length: 20 }, (_, n) => event(n))].map((events) => {
  return encodeCall(events, 7, protocol).subarray(4);
});

// What counts and lengths are made of, and what JSON is.
const numbers = ['ffffffff07', '7fffffff', 'ffffffff', '00'].map((hex) => Buffer.from(hex, 'hex'));
const words = ['2147483647', '-1', '1e99', '[', ']', '{', '}', '"', '\\', ',', '["rec",9,{}]', 'null', '\u0001'];
const telling = numbers.concat(words.map((text) => Buffer.from(text)));

function mutated(): Buffer {
  let bytes = Buffer.from(seeds[random(seeds.length)] as Buffer);
  for (let times = 1 + random(3); times > 0 && bytes.length > 0; times--) {
    const at = random(bytes.length);
    const piece = telling[random(telling.length)] as Buffer;
    switch (random(6)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at] = (bytes[at] as number) ^ (1 << random(8));
        break;
      case 2:
        piece.copy(bytes, at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
        break;
      case 4:
        bytes = bytes.subarray(0, at);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1))]);
    }
  }
  return bytes;
}

const codec = new MessageCodec(protocol);
const report: MutationReport = { read: 0, refused: 0, closed: 0, slowestMs: 0 };
for (let n = 0; n < count; n++) {
  const reader = new FramedReader(codec);
  const frame = frameOf(mutated());
  const start = performance.now();
  try {
    reader.push(frame);
    const request = reader.next();
    if (request === undefined) throw new Error('an empty frame');
    report[request.tag === 'call' ? 'read' : 'refused']++;
  } catch {
    report.closed++;
  }
  report.slowestMs = Math.max(report.slowestMs, performance.now() - start);
}
console.log(JSON.stringify(report));
