// What the project wants to reach.
import { fitGrowth } from './growth.ts';
import {
  above,
  atLeast,
  atMost,
  cpu,
  type Figure,
  figureOf,
  named,
  rate,
  ratio,
  type Target,
  worstOf,
} from './target.ts';

const agent = 'EmbeddedAgent';
const sdk = "Flume's Java SDK";
const libthrift = 'libthrift, Java';
const inC = 'Python, accelerated (encoder in C)';
const discarding = 'events/s, Java server that discards';

/** Ours above a worker that does nothing, over the peer's. */
const overNothing = (peer: string) => (figure: Figure) =>
  above('cpuPerEvent', 'pino-flume', 'nothing')(figure) / above('cpuPerEvent', peer, 'nothing')(figure);

const isLimit = (name: string) => name.startsWith('bare socket, ');
/** Over the fastest of the ways in which a bare socket was tried. */
const overLimit: Target['reached'] = (figure, { subjects }) =>
  figure(agent, 'eventsPerSecond') /
  Math.max(...subjects.filter(({ name }) => isLimit(name)).map(({ name }) => figure(name, 'eventsPerSecond')));

const encoding = (['compact', 'binary'] as const).flatMap((protocol) => [
  atMost(
    named(`encoding-${protocol}`, `encoding, ${protocol}: CPU per event`, '–'),
    `encoding-${protocol}`,
    0.19,
    figureOf('cpuPerEvent', 'ours'),
    'µs',
  ),
  atLeast(
    named(`encoding-${protocol}-thrift`, `encoding, ${protocol}`, 'thrift package'),
    `encoding-${protocol}`,
    protocol === 'compact' ? 45 : 20,
    rate('ours', 'thrift package'),
  ),
]);

const delivery: readonly Target[] = [
  atMost(
    named('delivery-cpu', 'put to acknowledged: CPU per event', '–'),
    'delivery-node',
    0.52,
    figureOf('cpuPerEvent', agent),
    'µs',
  ),
  atMost(
    named('delivery-cpu-thrift', 'put to acknowledged: CPU per event', 'thrift package'),
    'delivery-node',
    1 / 20,
    cpu(agent, 'thrift package'),
  ),
  // The first is the goal; the second gives the peer the batches that ours grow to, and asks what all batches of 1,000 do.
  ...(
    [
      ['100', 1.8],
      ['1,000', 1.2],
    ] as const
  ).map(([batch, limit]) =>
    atLeast(
      named(
        `fresh-2000-libthrift-${batch.replace(',', '')}`,
        `${discarding}, fresh text, bursts of 2,000`,
        `${libthrift}, batches of ${batch}`,
      ),
      'delivery-java-fresh',
      limit,
      rate(`${agent}, bursts of 2,000`, `${libthrift}, batches of ${batch}`),
    ),
  ),
  atLeast(
    named('fresh-100-libthrift', `${discarding}, fresh text, bursts of 100`, `${libthrift}, batches of 100`),
    'delivery-java-fresh',
    2.5,
    rate(`${agent}, bursts of 100`, `${libthrift}, batches of 100`),
  ),
  ...[libthrift, sdk].map((peer) =>
    atLeast(
      named(`java-100-${peer === sdk ? 'sdk' : 'libthrift'}`, `${discarding}, bursts of 100`, peer),
      'delivery-java-100',
      peer === sdk ? 1.7 : 2.5,
      rate(agent, peer),
    ),
  ),
  ...[libthrift, sdk].map((peer) =>
    atLeast(
      named(`java-1000-${peer === sdk ? 'sdk' : 'libthrift'}`, `${discarding}, batches of 1,000`, peer),
      'delivery-java-1000',
      1.2,
      rate(agent, peer),
    ),
  ),
  atMost(
    named('java-cpu-libthrift', 'CPU per event at the client, same run', libthrift),
    'delivery-java-100',
    1.1,
    cpu(agent, libthrift),
  ),
  atLeast(
    named('java-100-thrift', `${discarding}, bursts of 100`, 'thrift package'),
    'delivery-java-100',
    12,
    rate(agent, 'thrift package'),
  ),
  atLeast(
    named('java-100-python', `${discarding}, bursts of 100`, 'Python, plain'),
    'delivery-java-100',
    8,
    rate(agent, 'Python, plain'),
  ),
  atLeast(named('java-100-python-c', `${discarding}, bursts of 100`, inC), 'delivery-java-100', 2.5, rate(agent, inC)),
  atLeast(
    named('far', 'an agent that answers after 200 ms', '–'),
    'far',
    15_000,
    figureOf('eventsPerSecond', `${agent}, 200 ms`),
    '/s',
  ),
  atLeast(
    named('flume-rate', 'real Flume agent, memory channel', '–'),
    'delivery-flume',
    1_000_000,
    figureOf('eventsPerSecond', agent),
    '/s',
  ),
  atMost(
    named('flume-cpu', 'real Flume agent, memory channel: CPU per event', '–'),
    'delivery-flume',
    0.6,
    figureOf('cpuPerEvent', agent),
    'µs',
  ),
  ...['100', '1,000'].map((batch) =>
    atLeast(
      named(`flume-sdk-${batch.replace(',', '')}`, 'real Flume agent, memory channel', `${sdk}, batches of ${batch}`),
      'delivery-flume',
      1,
      rate(agent, `${sdk}, batches of ${batch}`),
    ),
  ),
  atLeast(
    named('flume-file', 'real Flume agent, file channel', 'the best of the bare sockets'),
    'delivery-flume-file',
    0.9,
    overLimit,
  ),
];

const loggers: readonly Target[] = [
  atMost(
    named('pino', 'pino: CPU per record', 'a worker that does nothing'),
    'pino',
    0.9,
    above('cpuPerEvent', 'pino-flume', 'nothing'),
    'µs',
  ),
  ...['pino-loki', 'pino-opentelemetry-transport', 'pino-elasticsearch'].map((peer) =>
    atMost(named(`pino-${peer}`, 'pino: CPU per record above that worker', peer), 'pino', 0.5, overNothing(peer)),
  ),
  atMost(
    named('pino-file', 'pino: time of a log call', 'pino.destination to a file'),
    'pino',
    1,
    ratio('logTime', 'pino-flume', 'file'),
  ),
  atMost(
    named('winston', 'winston: CPU that log() adds', 'a no-op transport'),
    'winston',
    1.1,
    above('logCpu', 'winston-flume', 'nothing'),
    'µs',
  ),
  atMost(
    named('winston-ratio', 'winston: CPU of a log call', 'a no-op transport'),
    'winston',
    1.6,
    ratio('logCpu', 'winston-flume', 'nothing'),
  ),
  ...['Http', 'Http, batches', 'winston-loki', 'fluent-logger', 'File'].map((peer) =>
    atMost(named(`winston-${peer}`, 'winston: CPU per record', peer), 'winston', 1, cpu('winston-flume', peer)),
  ),
  atMost(
    named('latency', 'winston at 1,000 records/s: p99.9 of a log call', 'File'),
    'latency',
    1.5,
    ratio('slowP999', 'winston-flume', 'File'),
  ),
  atMost(named('turns', 'longest turn, whatever the agents do', '–'), 'turns', 5, worstOf('longestTurn'), 'ms'),
];

const per1000 = (column: string) => figureOf(column, agent);
const heap = (id: string, what: string, limit: number, column: string) =>
  atMost(named(id, what, '–'), 'counts', limit, (figure) => per1000(column)(figure) / 1_000, 'bytes');
const counted: readonly Target[] = [
  heap('heap-objects', 'heap of a put, headers as an object', 10, 'heapBytesOfObjects'),
  heap('heap-lists', 'heap of a put, headers as a list', 10, 'heapBytesOfLists'),
  heap('heap-pino', 'heap of a line of pino’s', 100, 'heapBytesOfPinoLines'),
  ...(
    [
      ['socketWrites', 4],
      ['socketFlushes', 2],
      ['timers', 2],
    ] as const
  ).map(([column, limit]) =>
    atMost(
      named(column, `${column.replace('socket', '').toLowerCase()} for 1,000 events`, '–'),
      'counts',
      limit,
      per1000(column),
      'of 1,000',
    ),
  ),
  ...[50, 200, 1_000].map((bytes) =>
    atMost(
      named(`memory-${bytes}`, 'memory per queued event', `encoded bytes, body of ${bytes}`),
      'memory',
      1.15,
      figureOf('memoryRatio', `body of ${bytes} bytes`),
    ),
  ),
  ...['flume-thrift-client', 'winston-flume', 'pino-flume'].map((name) =>
    atMost(
      named(`import-${name}`, `import ${name}`, 'bare node'),
      'loading',
      30,
      figureOf('aboveMs', `import ${name}`),
      'ms',
    ),
  ),
];

const growth: readonly Target[] = [
  atMost(
    named('growth', 'growth: the worst run from 100,000 events on', 'what its calls, events and bytes cost'),
    'growth',
    15,
    (_figure, outcome) => 100 * (fitGrowth([outcome])?.worst ?? Number.NaN),
    '%',
  ),
  atMost(
    named('put-queued', 'put with 800,000 waiting', 'with 1,000'),
    'scale',
    1.2,
    cpu('put, 800,000 wait', 'put, 1,000 wait'),
  ),
  atMost(
    named('agents', 'CPU per event, 8 agents', '1 agent'),
    'scale',
    1.2,
    cpu('delivery to 8 agents', 'delivery to 1 agent'),
  ),
];

const files: readonly Target[] = [
  atMost(
    named('file-channel', 'put() into files, fsync on interval, above memory', 'the memory channel'),
    'file-channel',
    3,
    above('putTime', 'files, fsync interval', 'memory'),
    'µs',
  ),
  ...['lmdb', 'classic-level'].flatMap((peer) => [
    atLeast(
      named(`put-${peer}`, 'put into files, events/s', peer),
      'stores',
      1,
      ratio('putsPerSecond', 'file channel', peer),
    ),
    atLeast(
      named(`take-${peer}`, 'taken from files, events/s', peer),
      'stores',
      1,
      ratio('drainsPerSecond', 'file channel', peer),
    ),
  ]),
];

export const targets: readonly Target[] = [...encoding, ...delivery, ...loggers, ...counted, ...growth, ...files];
