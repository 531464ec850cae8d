// The comparisons that need nothing but Node: encoding, delivery to a source that discards, memory, and what layers cost.
import { type Comparison, columns, type Numbers, type Subject } from '../harness/comparison.ts';
import { watchLoad } from '../harness/load.ts';
import { numbersOf, program, runsOf } from '../harness/program.ts';
import { startSink } from '../harness/sink.ts';
import { limitOf } from './limit.ts';

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
    { name: 'ours', run: () => numbersOf(program('encoding', { how: 'ours', protocol, events: 1_500_000 })) },
    { name: 'thrift package', run: () => numbersOf(program('encoding', { how: 'thrift', protocol, events: 100_000 })) },
  ]),
});

const deliver = (name: string, settings: object): Subject => ({
  name,
  run: () => numbersOf(program('deliver', settings)),
});

const delivery: Comparison = {
  id: 'delivery-node',
  title: 'Delivery to a Node source that discards',
  about:
    'From `EmbeddedAgent.put` to acknowledged, defaults, one connection; the source is another process that reads frames and ' +
    'answers OK. A bare socket writes frames encoded beforehand, so many events in a call and so many calls in flight.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const sink = await startSink('flume');
    const ports = [sink.port];
    return {
      subjects: [
        deliver('EmbeddedAgent', { how: 'agent', events: 1_500_000, ports }),
        deliver('thrift package', { how: 'thrift', events: 150_000, ports }),
        ...limitOf(
          sink.port,
          [
            [100, 4],
            [100, 64],
            [1_000, 4],
            [1_000, 16],
          ],
          1_000_000,
        ),
      ],
      close: () => sink.close(),
    };
  },
};

/** A window of calls limits what a far agent can be sent: the round trip is longer than all that takes CPU. */
const far: Comparison = {
  id: 'far',
  title: 'A far agent',
  about:
    'The same, to a source that answers each call so long after it came, as over a long way. The bare socket has the window ' +
    'that an `EmbeddedAgent` can have at most.',
  columns: [eventsPerSecond, cpuPerEvent],
  async open() {
    const [near, distant] = await Promise.all([20, 200].map((delayMs) => startSink('flume', { delayMs })));
    if (near === undefined || distant === undefined) throw new Error('no source');
    return {
      subjects: [
        deliver('EmbeddedAgent, 20 ms', { how: 'agent', events: 200_000, warmUp: 60_000, ports: [near.port] }),
        deliver('EmbeddedAgent, 200 ms', { how: 'agent', events: 50_000, warmUp: 20_000, ports: [distant.port] }),
        ...limitOf(distant.port, [[1_000, 4]], 40_000).map(({ name, run }) => ({ name: `${name}, 200 ms`, run })),
      ],
      close: async () => void (await Promise.all([near, distant].map((sink) => sink.close()))),
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
          run: () => numbersOf(program('deliver', { how: 'agent', events: 600_000, ports: ports.slice(0, agents) })),
        })),
      ],
      close: async () => void (await Promise.all(sinks.map((sink) => sink.close()))),
    };
  },
};

/** The runs of a process, each with the load of them all: one alone is too short to say whose the CPU was. */
async function growthRound(settings: object): Promise<readonly Numbers[]> {
  const load = watchLoad();
  const runs = await runsOf(program('growth', settings));
  const during = load();
  return runs.map((numbers) => ({ ...numbers, ...during }));
}

const growth: Comparison = {
  id: 'growth',
  title: 'Growth',
  about:
    'CPU from put to acknowledged, for runs of several lengths, batches and bodies, to a Node source that discards. All runs ' +
    'of a round are made one after another by a process that has delivered 1,000,000 events before, and each by an agent that ' +
    'has delivered 100,000 of its own kind.',
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
    let round: Promise<readonly Numbers[]> | undefined;
    return {
      subjects: shapes.map(({ events, batch, bodyBytes }, index) => ({
        name: `${events.toLocaleString('en-US')} events, batches of ${batch}, ${bodyBytes} bytes`,
        async run() {
          if (index === 0) round = growthRound({ port: sink.port, warmUp: 1_000_000, ownWarmUp: 100_000, shapes });
          const numbers = (await round)?.[index];
          if (numbers === undefined) throw new Error('growth: a run is missing');
          return numbers;
        },
      })),
      close: () => sink.close(),
    };
  },
};

export const nodeComparisons: readonly Comparison[] = [
  encoding('compact'),
  encoding('binary'),
  delivery,
  far,
  layers,
  memory,
  growth,
  scale,
];
