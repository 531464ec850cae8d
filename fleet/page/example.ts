// The worked example of docs/capacity.md: 10,000 processes with 1,000,000 events a second, scaled from what was measured.
import type { AgentResults } from '../measure/results.ts';
import { seconds, shown, table } from './tables.ts';

const processes = 10_000;
const eventsPerSecond = 1_000_000;
// Each process fills one batch within lingerMs.
const batchSize = 100;
/** Of what was measured, in the everyday. */
const share = 0.5;
const sinksPerAgent = 2;
// With `selector: 'hash'` and load_balance.
const connectionsPerProcess = 2;
const channelCapacity = 500_000;
const clientCapacity = 100_000;

export function example(results: AgentResults): Record<string, string | number> {
  const part = measured(results);
  const calls = eventsPerSecond / batchSize;
  const perAgent = part.sinkPerSecond * share * sinksPerAgent;
  const needed = Math.ceil(eventsPerSecond / perAgent);
  const agents = needed + 1;
  const connections = (processes * connectionsPerProcess) / agents;
  const each = eventsPerSecond / agents;
  const gigabits = (eventsPerSecond * part.wireBytes * 8) / 1e9;
  const heap = (channelCapacity * part.eventHeap + connections * part.connectionHeap) / 1e9;
  const rows: (readonly string[])[] = [
    ['a process', `${eventsPerSecond / processes} events/s`, 'a batch of 100 each second'],
    ['calls', `${shown(calls)}/s`, `${shown((calls * part.cpuPerCall) / 1e6)} cores for the sources (A1)`],
    [
      'CPU, to the end',
      `${shown(part.cpuPerEvent)} µs an event`,
      `${shown((eventsPerSecond * part.cpuPerEvent) / 1e6)} cores over all agents (A7)`,
    ],
    [
      'sinks',
      `${shown(part.sinkPerSecond)} events/s each (A7), half of it planned`,
      `${shown(Math.ceil(eventsPerSecond / (part.sinkPerSecond * share)))} file_roll sinks, ${sinksPerAgent} an agent: ${needed} agents`,
    ],
    ['one more, that may be away', '', `**${agents} agents**, ${shown(each)} events/s each`],
    [
      'network',
      `${shown(part.wireBytes)} bytes an event (A10)`,
      `${shown(gigabits)} Gbit/s in, ${shown(gigabits / agents)} an agent`,
    ],
    [
      'connections',
      `${connectionsPerProcess} of each process, with \`hash\``,
      `${shown(connections)} an agent; without, ${shown(processes)}`,
    ],
    [
      'heap of an agent',
      `a channel of ${shown(channelCapacity)} events, connections with batches of 100 (A10)`,
      `${shown(heap)} GB live: \`-Xmx${Math.ceil(heap * 2)}g\``,
    ],
    ['a sink stops', 'the channel of an agent lasts', seconds((channelCapacity / each) * 1_000)],
    [
      'all sinks stop',
      `the channel of a process: ${shown(clientCapacity)} events`,
      `${shown(clientCapacity / (eventsPerSecond / processes) / 60)} minutes, then it drops and counts`,
    ],
  ];
  return {
    'example.agents': agents,
    'example.sinksPerAgent': sinksPerAgent,
    'table.example': table(['', 'from', 'gives'], rows),
  };
}

export function tenTimes(results: AgentResults): Record<string, number> {
  const part = measured(results);
  const agents = 1 + Math.ceil((10 * eventsPerSecond) / (part.sinkPerSecond * share * sinksPerAgent));
  const all = 10 * processes;
  const connections = (all * connectionsPerProcess) / agents;
  return {
    'ten.processes': all,
    'ten.connectionsPerAgent': connections,
    'ten.tlsAllGB': (all * part.tlsKiB * 1_024) / 1e9,
    'ten.handshakeCores': (connections * part.tlsCpuMs) / 1_000,
    'ten.heapAllGB': (all * part.connectionHeap) / 1e9,
    'ten.gbit': (10 * eventsPerSecond * part.wireBytes * 8) / 1e9,
    'ten.sinks': Math.ceil((10 * eventsPerSecond) / (part.sinkPerSecond * share)),
  };
}

function measured({ alone, sinks, memory, costOfConnections }: AgentResults) {
  const call = alone.result.find((one) => one.batchSize === batchSize);
  const sink = sinks.result.find(({ through }) => through === 'memory channel, file_roll sink');
  const connection = memory.result.connections.find((one) => one.batchSize === batchSize);
  const tls = costOfConnections.result.find(({ secure }) => secure);
  if (call === undefined || sink === undefined || connection === undefined || tls === undefined) {
    throw new Error('the worked example lacks a run; run npm run fleet:measure');
  }
  return {
    cpuPerCall: call.agentCpuMicrosPerCall,
    cpuPerEvent: sink.agentCpuMicrosPerEvent,
    sinkPerSecond: sink.eventsPerSecond,
    wireBytes: connection.frameBytes / batchSize,
    eventHeap: memory.result.events.heapBytesPerEvent,
    connectionHeap: connection.heapBytesPerConnection,
    tlsKiB: tls.residentKiBPerConnection,
    tlsCpuMs: tls.agentCpuMsPerConnection,
  };
}
