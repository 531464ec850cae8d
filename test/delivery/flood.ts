// A program for the bounds test: puts millions of short events as fast as it can while its agent answers nothing, and says
// on stdout what that cost.
//
//   node --import tsx test/delivery/flood.ts <port> <whenFull> <events>

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type ChannelOptions, EmbeddedAgent } from '../../packages/core/src/index.ts';
import { balance } from './balance.ts';

export interface FloodReport {
  readonly seconds: number;
  /** Resident bytes before the first event, and most of them at any time. */
  readonly rssBefore: number;
  readonly rssMost: number;
  /** The longest that a turn of the event loop took, of which putting was so much. */
  readonly longestTurnMs: number;
  readonly longestPutsMs: number;
  readonly accepted: number;
  readonly dropped: number;
  readonly queued: number;
  readonly queuedBytes: number;
  readonly queuedBytesMost: number;
}

/** Small beside what 10 million events have, large beside what a process has anyway. */
export const byteCapacity = 32 * 1024 * 1024;
// Some tenths of a millisecond of work, as a busy application has in one turn.
const eventsPerTurn = 1_000;
const turnsPerCheck = 64;

async function flood(port: number, whenFull: ChannelOptions['whenFull'], events: number): Promise<FloodReport> {
  const agent = new EmbeddedAgent({
    agents: { host: '127.0.0.1', port },
    channel: { capacity: 10_000_000, byteCapacity, whenFull },
    requestTimeoutMs: 500,
    retry: { initialDelayMs: 50, maxDelayMs: 500 },
  });
  agent.on('warning', () => {});
  agent.on('drop', () => {});
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  const rssBefore = process.memoryUsage.rss();
  let [rssMost, longestPutsMs, queuedBytesMost] = [rssBefore, 0, 0];
  const started = performance.now();
  for (let sent = 0, turn = 0; sent < events; turn++) {
    const turnStarted = performance.now();
    for (const end = Math.min(events, sent + eventsPerTurn); sent < end; sent++) {
      agent.put({ headers: ['level', 'info'], body: `event ${sent}`, low: sent % 2 === 0 });
    }
    longestPutsMs = Math.max(longestPutsMs, performance.now() - turnStarted);
    if (turn % turnsPerCheck === 0 || sent === events) {
      rssMost = Math.max(rssMost, process.memoryUsage.rss());
      const stats = agent.stats();
      balance(stats);
      queuedBytesMost = Math.max(queuedBytesMost, stats.queued.bytes);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - started) / 1000;
  delays.disable();
  const { accepted, dropped, queued } = agent.stats();
  return {
    seconds,
    rssBefore,
    rssMost,
    longestTurnMs: delays.max / 1e6,
    longestPutsMs,
    accepted,
    dropped: Object.values(dropped).reduce((sum, count) => sum + count, 0),
    queued: queued.events,
    queuedBytes: queued.bytes,
    queuedBytesMost,
  };
}

const [, program, port, whenFull, events] = process.argv;
if (program === import.meta.filename) {
  const report = await flood(Number(port), whenFull as ChannelOptions['whenFull'], Number(events));
  process.stdout.write(JSON.stringify(report), () => process.exit());
}
