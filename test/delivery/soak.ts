// The soak: 10,000 events a second to three agents, of which one misbehaves every second, for as long as one likes. Nothing
// may be missing, memory must not grow, no handle may be left.
//
//   node --import tsx test/delivery/soak.ts [minutes] [seed]

import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EmbeddedAgent } from '../../packages/core/src/index.ts';
import { balance } from './balance.ts';
import { Chance } from './chance.ts';
import { SoakFleet } from './soak-fleet.ts';

const minutes = Number(process.argv[2] ?? 5);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const eventsPerSecond = 10_000;
const reportMs = 10_000;
// Before that, code is compiled, buffers find their size and the agents' faults their rhythm.
const warmUpMs = Math.min(60_000, minutes * 20_000);
// A leak of half a MiB a minute is found in any case; the rest is what the heap breathes.
const maxHeapGrowth = 1 + 0.5 * minutes;
const maxRssGrowth = 8 + 0.5 * minutes;
const megabyte = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Which events were stored: a bit for each, all there from the start, so that memory does not grow by it. */
class Stored {
  readonly #bits: Uint8Array;
  unique = 0;
  duplicates = 0;

  constructor(most: number) {
    this.#bits = new Uint8Array((most >> 3) + 1).fill(0xff).fill(0);
  }

  add(number: number): void {
    const [at, bit] = [number >> 3, 1 << (number & 7)];
    if (((this.#bits[at] as number) & bit) === 0) this.unique += 1;
    else this.duplicates += 1;
    this.#bits[at] = (this.#bits[at] as number) | bit;
  }
}

interface Sample {
  readonly rss: number;
  readonly heap: number;
}

/** How much more the last third of the samples has than the first: a pause or a burst in between does not count. */
function growth(of: 'rss' | 'heap'): number {
  const third = Math.ceil(samples.length / 3);
  const median = (some: readonly Sample[]): number =>
    some.map((one) => one[of]).sort((a, b) => a - b)[some.length >> 1] ?? 0;
  return median(samples.slice(-third)) - median(samples.slice(0, third));
}

// Sockets that do not keep the process alive are among these, unlike in process.getActiveResourcesInfo().
const descriptors = (): number => readdirSync('/proc/self/fd').length;

const chance = new Chance(seed);
const fleet = new SoakFleet();
const openBefore = descriptors();
await fleet.start(3);
const stored = new Stored(minutes * 60 * eventsPerSecond * 1.1);
// Each gets every other event.
const clients = (['failover', 'load_balance'] as const).map((processor) => {
  const client = new EmbeddedAgent({
    agents: fleet.ports.map((port) => ({ host: '127.0.0.1', port })),
    processor,
    requestTimeoutMs: 500,
    connectTimeoutMs: 500,
    lingerMs: 100,
    maxPenaltyMs: 1_000,
    retry: { initialDelayMs: 50, maxDelayMs: 1_000 },
  });
  return client.on('warning', () => {});
});
const filler = 'x'.repeat(180);
const started = performance.now();
const samples: Sample[] = [];
let sent = 0;
let refused = 0;
let faults = 0;

function produce(): void {
  const due = Math.floor(((performance.now() - started) / 1000) * eventsPerSecond);
  // At most as many as a tenth of a second has, so that a pause does not end in a burst beyond the channel.
  for (const end = Math.min(due, sent + eventsPerSecond / 10); sent < end; sent++) {
    const body = `${String(sent).padStart(12, '0')} ${filler}`;
    const taken = clients[sent % 2]?.put({ headers: { app: 'soak', level: 'info' }, body });
    if (taken !== true) refused += 1;
  }
}

function totals(): { delivered: number; dropped: number; queued: number; retried: number } {
  const sum = { delivered: 0, dropped: 0, queued: 0, retried: 0 };
  for (const client of clients) {
    const stats = client.stats();
    balance(stats);
    sum.delivered += stats.delivered;
    sum.dropped += Object.values(stats.dropped).reduce((all, count) => all + count, 0);
    sum.queued += stats.queued.events;
    sum.retried += stats.retried;
  }
  return sum;
}

function report(): string {
  // Before the files are read: what is acknowledged is in them.
  const { delivered, dropped, queued, retried } = totals();
  fleet.read((number) => stored.add(number));
  collectGarbage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  const ms = performance.now() - started;
  if (ms >= warmUpMs) samples.push({ rss: rss / megabyte, heap: (heapUsed + arrayBuffers) / megabyte });
  const missing = Math.max(0, delivered - stored.unique);
  return [
    `${(ms / 1000).toFixed().padStart(5)} s`,
    `sent ${sent}`,
    `delivered ${delivered}`,
    `queued ${queued}`,
    `dropped ${dropped}`,
    `retried ${retried}`,
    `duplicates ${stored.duplicates}`,
    `missing ${missing}`,
    `faults ${faults}`,
    `RSS ${(rss / megabyte).toFixed()} MiB`,
    `heap ${((heapUsed + arrayBuffers) / megabyte).toFixed(1)} MiB`,
    `descriptors ${descriptors()}`,
  ].join(' · ');
}

console.log(`soak: ${minutes} minutes, seed ${seed}`);
const timers = [
  setInterval(produce, 10),
  setInterval(() => {
    fleet.fault(chance);
    faults += 1;
  }, 1_000),
  setInterval(() => console.log(report()), reportMs),
];
await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
for (const timer of timers) clearInterval(timer);

await Promise.all(clients.map((client) => client.close({ timeoutMs: 30_000 })));
console.log(report());
const { delivered, dropped, queued } = totals();
await fleet.close();
await new Promise((resolve) => setTimeout(resolve, 100));

const missing = sent - refused - stored.unique;
const left = descriptors() - openBefore;
const faultless = [
  missing === 0,
  stored.unique >= delivered,
  dropped === 0 && refused === 0 && queued === 0,
  growth('heap') < maxHeapGrowth && growth('rss') < maxRssGrowth,
  left <= 0,
].every(Boolean);
console.log(
  `soak: ${sent} sent, ${delivered} delivered, ${missing} missing, ${dropped} dropped, ${queued} left, ` +
    `${stored.duplicates} duplicates, ${faults} faults, heap ${growth('heap').toFixed(2)} and RSS ` +
    `${growth('rss').toFixed(2)} MiB more, ${left} descriptors left open, seed ${seed}: ${faultless ? 'good' : 'FAILED'}`,
);
process.exitCode = faultless ? 0 : 1;
