// The longest turn of the event loop while an EmbeddedAgent with many events meets an agent of some kind, collections aside.
// What the loop does meanwhile is ours alone: the events are put before, in turns of their own. A turn is no longer than its
// time, nor than the CPU that the process has used meanwhile: the less of both is taken, for a machine that others use too.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedAgent } from 'flume-thrift-client';
import { eventPool, measure, nextTurn, report, settings } from './meter.mjs';

const { scene, port, events: count } = settings;
const pool = eventPool();
const folder = mkdtempSync(path.join(tmpdir(), 'flume-bench-'));
const letters = path.join(folder, 'letters');
const spool = { type: 'file', dir: path.join(folder, 'spool') };

/** Notes the longest turn from now on; the function returned stops, and says it in ms. */
function watchTurns() {
  const turns = [];
  const collections = [];
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  let stop = measure();
  let last = performance.now();
  let watching = true;
  const look = () => {
    const { ms, cpuMs } = stop();
    const now = performance.now();
    if (Math.min(ms, cpuMs) > 1) turns.push({ from: last, to: now, usedMs: Math.min(ms, cpuMs) });
    last = now;
    stop = measure();
    if (watching) setImmediate(look);
  };
  setImmediate(look);
  return async () => {
    watching = false;
    await delay(20);
    const collected = ({ from, to }) =>
      collections
        .filter(({ startTime }) => startTime >= from && startTime < to)
        .reduce((sum, { duration }) => sum + duration, 0);
    return Math.max(0, ...turns.map((turn) => turn.usedMs - collected(turn)));
  };
}

const open = (options) => new EmbeddedAgent({ agents: `127.0.0.1:${port}`, ...options }).on('warning', () => {});

async function filled(agent, events = count) {
  for (let put = 0; put < events; put += 1) {
    agent.put(pool[put % pool.length]);
    if (put % 500 === 499) await nextTurn();
  }
  return agent;
}

/** Until `holds` does. */
async function until(holds) {
  while (!holds()) await delay(10);
}

const scenes = {
  /** All of them are too old at once, and become dead letters. */
  async expiry() {
    const agent = await filled(open({ retry: { maxAgeMs: 1_500 }, deadLetter: letters }));
    const stop = watchTurns();
    await until(() => agent.stats().queued.events === 0 && existsSync(letters));
    return stop();
  },
  /** So long, whatever happens. */
  async trouble() {
    const agent = await filled(open({ requestTimeoutMs: 200, retry: { initialDelayMs: 50 } }));
    const stop = watchTurns();
    await delay(1_500);
    await agent.close({ timeoutMs: 200 });
    return stop();
  },
  /** What an earlier process left in files is found and delivered. */
  async recovery() {
    await (await filled(open({ channel: spool }), count / 2)).close({ timeoutMs: 0 });
    const stop = watchTurns();
    await nextTurn();
    const agent = open({ agents: `127.0.0.1:${settings.healthyPort}`, channel: spool });
    await until(() => agent.stats().delivered > 0 && agent.stats().queued.events === 0);
    return stop();
  },
};

const longestTurn = await scenes[scene]();
report({ events: count, longestTurn });
rmSync(folder, { recursive: true, force: true });
process.exit();
