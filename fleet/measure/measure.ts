// npm run fleet:measure: what real Flume agents on this machine do, into fleet/results/agent.json. Some minutes.
// Words after it pick parts: npm run fleet:measure -- memory restarts; `agent` alone only writes fleet/measured-agent.json anew.
import { loadavg } from 'node:os';
import { installFlume } from '../../test/flume/maven.ts';
import {
  acceptQueue,
  connectAtOnce,
  costOfConnections,
  moreClientsThanThreads,
  tlsConnections,
} from './connections.ts';
import { refusalsAtOnce, refusalTime } from './full-channel.ts';
import { writeMeasuredAgent } from './measured-agent-file.ts';
import { heapPerConnection, heapPerEvent } from './memory.ts';
import { restartTime } from './restarts.ts';
import { keep } from './results.ts';
import { passage, toNextAgent } from './sinks.ts';
import { type LoadShape, roomy, throughputs } from './throughput.ts';

const shape = (batchSize: number, connections: number, inFlight: number): LoadShape => ({
  batchSize,
  connections,
  inFlight,
  seconds: 4,
});

const parts: Readonly<Record<string, () => Promise<unknown>>> = {
  /** One call at a time: nothing waits, so the answer's time is the agent's own. */
  alone: () =>
    throughputs(
      roomy,
      [1, 10, 100, 1_000].map((size) => shape(size, 1, 1)),
    ),
  /** As much as it takes. */
  busy: () =>
    throughputs(
      roomy,
      [1, 10, 100, 1_000].map((size) => shape(size, 8, 4)),
    ),
  fileChannel: () =>
    throughputs(
      { ...roomy, channel: 'file', capacity: 1_000_000 },
      [100, 1_000].map((size) => shape(size, 8, 4)),
    ),
  threads: async () => {
    const results: object[] = [];
    // 0 is Flume's default; few calls, since each leaves a thread behind.
    for (const threads of [1, 2, 4, 10, 20]) {
      const [result] = await throughputs({ ...roomy, threads }, [shape(100, 20, 1)]);
      results.push({ threads, ...result });
    }
    const [result] = await throughputs({ ...roomy, threads: 0 }, [{ ...shape(100, 20, 1), seconds: 1 }]);
    return [...results, { threads: 0, ...result }];
  },
  moreClientsThanThreads: () => moreClientsThanThreads([1, 10, 50]),
  connectAtOnce: () => connectAtOnce([200, 1_000, 3_000]),
  acceptQueue,
  tls: tlsConnections,
  costOfConnections: async () => [await costOfConnections(false), await costOfConnections(true)],
  fullChannel: async () => [await refusalTime(3), await refusalTime(1), await refusalTime(0)],
  refusalsAtOnce: async () => [await refusalsAtOnce(100, 10, 3), await refusalsAtOnce(100, 100, 3)],
  memory: async () => ({
    connections: [await heapPerConnection(10), await heapPerConnection(100), await heapPerConnection(1_000)],
    events: await heapPerEvent(),
  }),
  sinks: async () => [
    await passage('memory channel, null sink', {}),
    await passage('memory channel, file_roll sink', { sink: { type: 'file_roll', batchSize: 1_000 } }),
    await passage('file channel, file_roll sink', {
      channel: 'file',
      capacity: 200_000,
      sink: { type: 'file_roll', batchSize: 1_000 },
    }),
    await toNextAgent('memory', 1),
    await toNextAgent('memory', 4),
    await toNextAgent('file', 1),
  ],
  restarts: async () => {
    const results: object[] = [];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const channel of ['memory', 'memory', 'memory', 'file'] as const) {
        results.push(await restartTime(signal, channel));
      }
    }
    return results;
  },
};

await installFlume('1.11.0');
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in parts) && name !== 'agent');
if (unknown.length > 0) throw new Error(`no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}`);
for (const [name, run] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const load = loadavg()[0] ?? 0;
  const began = performance.now();
  const result = await run();
  keep(name, result, load);
  process.stdout.write(`${name}, ${Math.round((performance.now() - began) / 1_000)} s: ${JSON.stringify(result)}\n`);
}
// Parts of an earlier run may be missing: then the simulated agent waits for them.
if (asked.length === 0 || asked.includes('agent')) writeMeasuredAgent();
