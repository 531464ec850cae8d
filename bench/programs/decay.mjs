// Counts what an event costs in things that can be counted exactly: bytes allocated by put() and by a line of pino's, and what
// the delivery of a batch asks of the socket, the clock and the memory. Prints them per 1,000 events; times nothing.
import { EventEmitter } from 'node:events';
import { getHeapStatistics } from 'node:v8';
import { pinoFlume } from 'pino-flume';
import { EmbeddedAgent } from '../../.cache/modules/core/embedded-agent.js';
import { FlumeReplies } from './flume-replies.mjs';
import { eventPool, nextTurn, report } from './meter.mjs';

const events = 10_000;
const pool = eventPool();
const lists = pool.map(({ headers, body }) => ({ headers: Object.entries(headers).flat(), body }));
const counts = { writes: 0, flushes: 0, timers: 0, turns: 0 };

/** Counts what is asked of it, and answers OK to the calls of a turn all at once. */
class CountingSocket extends EventEmitter {
  #replies = new FlumeReplies();
  #answers = [];
  #corks = 0;
  constructor() {
    super();
    process.nextTick(() => this.emit('connect'));
  }
  write(bytes) {
    counts.writes += 1;
    const answer = this.#replies.to(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (answer.length > 0 && this.#answers.push(answer) === 1) process.nextTick(() => this.#answer());
    return true;
  }
  cork() {
    this.#corks += 1;
  }
  uncork() {
    this.#corks -= 1;
    if (this.#corks === 0) counts.flushes += 1;
  }
  unref() {}
  destroy() {}
  #answer() {
    this.emit('data', Buffer.concat(this.#answers.splice(0)));
  }
}

const clock = {
  now: () => performance.now(),
  after(delayMs, callback, options) {
    counts.timers += 1;
    const timer = setTimeout(() => callback(), delayMs);
    if (options?.hold !== true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  soon(callback) {
    counts.turns += 1;
    setImmediate(() => callback());
  },
};

const agent = new EmbeddedAgent({ flushTimeoutMs: 60_000 }, { clock, dial: () => new CountingSocket() });

/** Bytes that `work` allocates on the heap, and outside of it. The flags of this process let nothing be collected meanwhile. */
function allocated(work) {
  globalThis.gc();
  const before = getHeapStatistics();
  work();
  const after = getHeapStatistics();
  return {
    heap: after.used_heap_size - before.used_heap_size,
    outside: after.external_memory - before.external_memory,
  };
}

/** The least of several times: what else happens in a process, such as compiling, comes on top. */
async function least(work, settled) {
  const found = { heap: Infinity, outside: Infinity };
  for (let time = 0; time < 30; time += 1) {
    const { heap, outside } = allocated(work);
    // Compiled first: what the interpreter allocates is not what a running application pays.
    if (time >= 20) {
      found.heap = Math.min(found.heap, heap);
      found.outside = Math.min(found.outside, outside);
    }
    await settled();
  }
  return found;
}

const puts = (from) => () => {
  for (let index = 0; index < events; index += 1) agent.put(from[index % from.length]);
};

/** Chunks of 100 lines, as pino's worker gets them. */
function lines() {
  const chunks = Array.from({ length: 10 }, (_, chunk) => {
    const line = (index) =>
      `{"level":30,"time":${1_731_234_567_000 + 100 * chunk + index},"pid":4711,"hostname":"web-1.example.org",` +
      `"reqId":"req-${index}","method":"GET","url":"/api/items/42","status":200,"durationMs":12.7,"msg":"request completed"}\n`;
    return Buffer.from(Array.from({ length: 100 }, (_unused, index) => line(index)).join(''));
  });
  // Nobody listens there: all of them wait, in memory that is not the heap's.
  const stream = pinoFlume({
    agents: '127.0.0.1:1',
    channel: { capacity: 1_000_000, byteCapacity: 1024 * 1024 * 1024 },
  });
  stream.on('warning', () => {});
  return () => {
    for (let put = 0; put < events; put += 100) stream.write(chunks[(put / 100) % chunks.length]);
  };
}

await agent.ready();
const objects = await least(puts(pool), () => agent.flush());
const flat = await least(puts(lists), () => agent.flush());
const ofPino = await least(lines(), nextTurn);

for (const name of Object.keys(counts)) counts[name] = 0;
for (let index = 0; index < 100_000; index += 1) {
  agent.put(lists[index % lists.length]);
  if (index % 1_000 === 999) await nextTurn();
}
await agent.flush();
const per1000 = (total, of) => Math.round((1_000 * total) / of);
report({
  heapBytesOfObjects: per1000(objects.heap, events),
  heapBytesOfLists: per1000(flat.heap, events),
  heapBytesOfPinoLines: per1000(ofPino.heap, events),
  bytesOutsideTheHeap: per1000(Math.max(0, flat.outside), events),
  socketWrites: per1000(counts.writes, 100_000),
  socketFlushes: per1000(counts.flushes, 100_000),
  timers: per1000(counts.timers, 100_000),
  turns: per1000(counts.turns, 100_000),
});
process.exit();
