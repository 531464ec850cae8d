// The figures of docs/capacity.md, by the names that the template has: from the runs, and what follows from them by arithmetic.
import { onPage } from '../../bench/harness/drawing.ts';
import { type AgentResults, agentResults } from '../measure/results.ts';
import { agreementTable, agreementVerdict } from './agreement.ts';
import { charts } from './charts.ts';
import { example, tenTimes } from './example.ts';
import { realRuns } from './real-runs.ts';
import * as tables from './tables.ts';

/** What the marks A1, A2, … stand for. */
const parts = {
  A1: 'alone',
  A2: 'busy',
  A3: 'fileChannel',
  A4: 'costOfConnections',
  A5: 'threads',
  A6: 'refusalsAtOnce',
  A7: 'sinks',
  A8: 'moreClientsThanThreads',
  A9: 'tls',
  A10: 'memory',
  A11: 'acceptQueue',
  A12: 'connectAtOnce',
  A13: 'restarts',
} as const satisfies Record<string, keyof AgentResults>;

export function figures(): Readonly<Record<string, string | number>> {
  const results = agentResults();
  const { machine, alone, fileChannel, threads, memory, tls, costOfConnections, connectAtOnce } = results;
  const of = <Item>(items: readonly Item[], is: (item: Item) => boolean): Item => {
    const found = items.find(is);
    if (found === undefined) throw new Error('a run of docs/capacity.md lacks a part; run npm run fleet:measure');
    return found;
  };
  const batch = (size: number) => of(alone.result, ({ batchSize }) => batchSize === size);
  const through = (name: string) => of(results.sinks.result, (one) => one.through === name);
  const crowd = of(results.moreClientsThanThreads.result, (one) => one.threads === 10);
  const plain = of(costOfConnections.result, ({ secure }) => !secure);
  const secure = of(costOfConnections.result, (one) => one.secure);
  const perEvent = memory.result.events.heapBytesPerEvent;
  const wireBytes = of(memory.result.connections, ({ batchSize }) => batchSize === 1_000).frameBytes / 1_000;
  const [real] = Object.values(realRuns());
  const drawn = charts();
  return {
    flume: machine.flume,
    machine: `${machine.processor}, ${machine.cores} cores, Node ${machine.node}`,
    cores: machine.cores,
    bytesPerEvent: wireBytes,
    'perCore.100': 1e8 / batch(100).agentCpuMicrosPerCall,
    'quiet.cores': (10_000 * batch(1).agentCpuMicrosPerCall) / 1e6,
    'sink.file_roll': through('memory channel, file_roll sink').eventsPerSecond,
    'sink.thrift': through('memory channel, 1 thrift sink').eventsPerSecond,
    'sink.thriftCpu': through('memory channel, 1 thrift sink').agentCpuMicrosPerEvent,
    'file.100': of(fileChannel.result, ({ batchSize }) => batchSize === 100).eventsPerSecond,
    'file.1000': of(fileChannel.result, ({ batchSize }) => batchSize === 1_000).eventsPerSecond,
    'threads.leaked': of(threads.result, (one) => one.threads === 0).threadsAfter,
    'crowd.threads': crowd.threads,
    'crowd.p50': crowd.answerMs.p50,
    'crowd.busiest': crowd.callsOfBusiestToMean,
    'refusals.last': (results.refusalsAtOnce.result[0]?.failedAfterMs.last ?? Number.NaN) / 1_000,
    'plain.cpu': plain.agentCpuMsPerConnection,
    'plain.kib': plain.residentKiBPerConnection,
    'plain.threads': plain.threadsPerConnection,
    'tls.cpu': secure.agentCpuMsPerConnection,
    'tls.kib': secure.residentKiBPerConnection,
    'tls.threads': secure.threadsPerConnection,
    'tls.refused': tls.result.refused,
    'tls.tried': tls.result.tried,
    'tls.limit': tls.result.threads,
    'heap.tenThousand': of(memory.result.connections, (one) => one.batchSize === 1_000).heapBytesPerConnection / 1e5,
    'heap.event': perEvent,
    'heap.times': perEvent / wireBytes,
    'queue.taken': results.acceptQueue.result.connectionsTaken,
    'atOnce.last': (connectAtOnce.result.at(-1)?.answeredMs.last ?? Number.NaN) / 1_000,
    'rows.capacity': capacityRows(perEvent),
    'real.clients': real?.slice.clients ?? Number.NaN,
    'real.rate': real?.slice.eventsPerSecond ?? Number.NaN,
    'real.runs': real?.runs.length ?? Number.NaN,
    'real.loads': real?.runs.map(({ load }) => Math.round(load)).join(', ') ?? 'none',
    ...example(results),
    ...tenTimes(results),
    'chart.connects': onPage(drawn.connects, 'capacity'),
    'chart.busiest': onPage(drawn.busiest, 'capacity'),
    'chart.real': onPage(drawn.real, 'capacity'),
    'table.batches': tables.batches(results),
    'table.sinks': tables.sinks(results),
    'table.threads': tables.threads(results),
    'table.refusals': tables.refusals(results),
    'table.heap': tables.heap(results),
    'table.atOnce': tables.atOnce(results),
    'table.sinkStop': tables.sinkStop(),
    'table.restarts': tables.restarts(results),
    'table.recovery': tables.recovery(),
    'table.scenes': tables.scenes(),
    'table.agreement': agreementTable(),
    'agreement.verdict': agreementVerdict(),
    'table.runs': tables.runs(results, parts),
  };
}

function capacityRows(perEvent: number): string {
  return [10_000, 100_000, 500_000, 1_000_000]
    .map((capacity) => {
      const megabytes = (capacity * perEvent) / 2 ** 20;
      const heap = Math.max(512, 2 ** Math.ceil(Math.log2(2 * megabytes)));
      return `| ${tables.shown(capacity)} | ${tables.shown(megabytes)} MiB | ${heap}m | ${tables.shown(capacity / 10_000)} s |`;
    })
    .join('\n');
}
