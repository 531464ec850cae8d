// Counts what an event costs in things that can be counted exactly: bytes allocated by put(), and what the delivery of a
// batch asks of the socket, the clock and the memory. Prints them per 1,000 events; times nothing.
import { EventEmitter } from 'node:events';
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

/** Bytes that `events` puts allocate on the heap, and outside of it. */
function allocated(from) {
  globalThis.gc();
  const before = process.memoryUsage();
  for (let index = 0; index < events; index += 1) agent.put(from[index % from.length]);
  const after = process.memoryUsage();
  return { heap: after.heapUsed - before.heapUsed, outside: after.external - before.external };
}

async function delivered(from, times) {
  const least = { heap: Infinity, outside: Infinity };
  for (let time = 0; time < times; time += 1) {
    const { heap, outside } = allocated(from);
    least.heap = Math.min(least.heap, heap);
    least.outside = Math.min(least.outside, outside);
    await agent.flush();
  }
  return least;
}

await agent.ready();
// Compiled first: what the interpreter allocates is not what a running application pays.
await delivered(pool, 20);
await delivered(lists, 20);
const objects = await delivered(pool, 10);
const flat = await delivered(lists, 10);

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
  bytesOutsideTheHeap: per1000(Math.max(0, flat.outside), events),
  socketWrites: per1000(counts.writes, 100_000),
  socketFlushes: per1000(counts.flushes, 100_000),
  timers: per1000(counts.timers, 100_000),
  turns: per1000(counts.turns, 100_000),
});
process.exit();
