// The comparisons that need nothing but Node: encoding, delivery to a source that discards, memory, and what layers cost.
import { type Comparison, columns, type Subject } from '../harness/comparison.ts';
import { numbersOf, program } from '../harness/program.ts';
import { startSink } from '../harness/sink.ts';

const { eventsPerSecond, cpuPerEvent, memoryRatio } = columns;

/** Subjects without anything around them. */
const alone = (subjects: readonly Subject[]) => async () => ({ subjects, close: async () => {} });

const encoding = (protocol: 'compact' | 'binary'): Comparison => ({
  id: `encoding-${protocol}`,
  title: `Encoding, ${protocol} protocol`,
  about:
    'Calls of 100 events with 4 headers and a body of 200 bytes, from the same objects to the same bytes, in memory.',
  columns: [eventsPerSecond, cpuPerEvent],
  open: alone([
    { name: 'ours', run: () => numbersOf(program('encoding', { how: 'ours', protocol, events: 2_000_000 })) },
    { name: 'thrift package', run: () => numbersOf(program('encoding', { how: 'thrift', protocol, events: 100_000 })) },
  ]),
});

const delivery: Comparison = {
  id: 'delivery-node',
  title: 'Delivery to a Node source that discards',
  about:
    'From `EmbeddedAgent.put` to acknowledged, defaults, one connection; the source is another process that reads frames ' +
    'and answers OK. The bare socket writes frames encoded beforehand, 4 in flight: the limit.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const sink = await startSink('flume');
    const deliver = (name: string, how: string, events: number): Subject => ({
      name,
      run: () => numbersOf(program('deliver', { how, events, ports: [sink.port] })),
    });
    return {
      subjects: [
        deliver('EmbeddedAgent', 'agent', 2_000_000),
        deliver('bare socket', 'socket', 2_000_000),
        deliver('thrift package', 'thrift', 200_000),
      ],
      close: () => sink.close(),
    };
  },
};

const memory: Comparison = {
  id: 'memory',
  title: 'Memory of events that wait',
  about:
    'What the process grew by, after a garbage collection, over the encoded bytes of 200,000 events that wait for an agent.',
  columns: [memoryRatio],
  open: alone(
    [50, 200, 1_000].map((bodyBytes) => ({
      name: `body of ${bodyBytes} bytes`,
      run: () => numbersOf(program('memory', { events: 200_000, bodyBytes }, ['--expose-gc'])),
    })),
  ),
};

const layers: Comparison = {
  id: 'layers',
  title: 'What each layer costs',
  about:
    'Each row has all of the rows above in it; in one process, 4 headers from an object and a body of 200 bytes as bytes. ' +
    'The last socket answers at once and sends nothing.',
  columns: [cpuPerEvent],
  open: alone(
    ['header list', 'encoded', 'in the channel, taken and committed', 'put to acknowledged, without a network'].map(
      (name, layer) => ({ name, run: () => numbersOf(program('layers', { layer, events: 1_000_000 })) }),
    ),
  ),
};

/** Both sides of the claim that nothing grows: the queue's length, and the number of agents. */
const scale: Comparison = {
  id: 'scale',
  title: 'Queue length and number of agents',
  about:
    'CPU of `put` alone while so many events wait already; and of the whole delivery to so many agents, load-balanced.',
  columns: [cpuPerEvent],
  async open() {
    const sinks = await Promise.all(Array.from({ length: 8 }, () => startSink('flume')));
    const ports = sinks.map(({ port }) => port);
    return {
      subjects: [
        ...[1_000, 100_000, 800_000].map((queued) => ({
          name: `put, ${queued.toLocaleString('en-US')} wait`,
          run: () => numbersOf(program('queue', { queued, events: 100_000 })),
        })),
        ...[1, 2, 8].map((agents) => ({
          name: `delivery to ${agents} ${agents === 1 ? 'agent' : 'agents'}`,
          run: () => numbersOf(program('deliver', { how: 'agent', events: 1_000_000, ports: ports.slice(0, agents) })),
        })),
      ],
      close: async () => void (await Promise.all(sinks.map((sink) => sink.close()))),
    };
  },
};

const growth: Comparison = {
  id: 'growth',
  title: 'Growth',
  about:
    'CPU from put to acknowledged, for runs of several lengths, batches and bodies, to a Node source that discards.',
  columns: [cpuPerEvent],
  async open() {
    const sink = await startSink('flume');
    const shapes = [
      ...[10_000, 30_000, 100_000, 300_000, 1_000_000].map((events) => ({ events, batch: 100, bodyBytes: 200 })),
      ...[10, 1_000].map((batch) => ({ events: 300_000, batch, bodyBytes: 200 })),
      ...[20, 1_000, 4_000].map((bodyBytes) => ({ events: 100_000, batch: 100, bodyBytes })),
      { events: 100_000, batch: 10, bodyBytes: 1_000 },
      { events: 300_000, batch: 1_000, bodyBytes: 20 },
    ];
    return {
      subjects: shapes.map(({ events, batch, bodyBytes }) => ({
        name: `${events.toLocaleString('en-US')} events, batches of ${batch}, ${bodyBytes} bytes`,
        // The same warm-up for all, so that every run is measured on compiled code.
        run: () =>
          numbersOf(
            program('deliver', { how: 'agent', events, batch, bodyBytes, warmUp: 300_000, ports: [sink.port] }),
          ),
      })),
      close: () => sink.close(),
    };
  },
};

export const nodeComparisons: readonly Comparison[] = [
  encoding('compact'),
  encoding('binary'),
  delivery,
  layers,
  memory,
  growth,
  scale,
];
