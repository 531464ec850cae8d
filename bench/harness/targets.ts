// What the project wants to reach, and whether a run reached it: ratios of medians within one run.
import { type Outcome, spread } from './comparison.ts';

export interface Target {
  readonly what: string;
  readonly against: string;
  readonly comparison: string;
  readonly reached: (figure: (subject: string, column: string) => number) => number;
  readonly limit: number;
  readonly wants: 'at least' | 'at most';
  readonly unit: '×' | 'µs' | 'ms' | '%';
}

export interface Verdict {
  readonly what: string;
  readonly against: string;
  readonly target: string;
  readonly reached: string;
  readonly met: boolean;
}

type Figure = (subject: string, column: string) => number;

const ratio =
  (column: string, subject: string, peer: string) =>
  (figure: Figure): number =>
    figure(subject, column) / figure(peer, column);

const atLeast = (
  what: string,
  against: string,
  comparison: string,
  limit: number,
  reached: Target['reached'],
): Target => ({
  what,
  against,
  comparison,
  reached,
  limit,
  wants: 'at least',
  unit: '×',
});

const atMost = (
  what: string,
  against: string,
  comparison: string,
  limit: number,
  reached: Target['reached'],
  unit: Target['unit'] = '×',
): Target => ({ what, against, comparison, reached, limit, wants: 'at most', unit });

const rate = (subject: string, peer: string) => ratio('eventsPerSecond', subject, peer);
const cpu = (subject: string, peer: string) => ratio('cpuPerEvent', subject, peer);
const above = (column: string, subject: string, base: string) => (figure: Figure) =>
  figure(subject, column) - figure(base, column);
/** Ours above a worker that does nothing, over the peer's. */
const overNothing = (peer: string) => (figure: Figure) =>
  above('cpuPerEvent', 'pino-flume', 'nothing')(figure) / above('cpuPerEvent', peer, 'nothing')(figure);

const sdk = "Flume's Java SDK";
const agent = 'EmbeddedAgent';
const rateOf = (batch: string) => `events/s, batches of ${batch}, Java server that discards`;

export const targets: readonly Target[] = [
  atLeast('encoding, compact', 'thrift package', 'encoding-compact', 25, rate('ours', 'thrift package')),
  atLeast('encoding, binary', 'thrift package', 'encoding-binary', 25, rate('ours', 'thrift package')),
  ...['libthrift, Java', sdk].map((peer) => atLeast(rateOf('100'), peer, 'delivery-java-100', 1.7, rate(agent, peer))),
  ...['libthrift, Java', sdk].map((peer) =>
    atLeast(rateOf('1,000'), peer, 'delivery-java-1000', 1.2, rate(agent, peer)),
  ),
  atMost('client CPU per event, same run', 'libthrift, Java', 'delivery-java-100', 1.1, cpu(agent, 'libthrift, Java')),
  atLeast(rateOf('100'), 'thrift package', 'delivery-java-100', 12, rate(agent, 'thrift package')),
  atLeast(rateOf('100'), 'Python, accelerated', 'delivery-java-100', 8, rate(agent, 'Python, accelerated')),
  atLeast(rateOf('100'), 'Python, plain', 'delivery-java-100', 8, rate(agent, 'Python, plain')),
  atLeast(rateOf('100'), 'bare socket', 'delivery-java-100', 0.8, rate(agent, 'bare socket')),
  atLeast('events/s, real Flume agent', sdk, 'delivery-flume', 1, rate(agent, sdk)),
  atMost('client CPU per event', 'thrift package', 'delivery-node', 1 / 15, cpu(agent, 'thrift package')),
  atMost(
    'pino: CPU per record',
    'a worker that does nothing',
    'pino',
    0.9,
    above('cpuPerEvent', 'pino-flume', 'nothing'),
    'µs',
  ),
  ...['pino-loki', 'pino-opentelemetry-transport', 'pino-elasticsearch'].map((peer) =>
    atMost('pino: CPU per record above that worker', peer, 'pino', 0.5, overNothing(peer)),
  ),
  atMost('pino: time of a log call', 'pino.destination to a file', 'pino', 1, ratio('logTime', 'pino-flume', 'file')),
  atMost(
    'winston: what log() adds',
    'a no-op transport',
    'winston',
    0.6,
    above('logTime', 'winston-flume', 'nothing'),
    'µs',
  ),
  atMost(
    'winston: time of a log call',
    'a no-op transport',
    'winston',
    1.3,
    ratio('logTime', 'winston-flume', 'nothing'),
  ),
  ...['Http', 'Http, batches', 'winston-loki', 'fluent-logger', 'File'].map((peer) =>
    atMost('winston: CPU per record', peer, 'winston', 1, cpu('winston-flume', peer)),
  ),
  ...[50, 200, 1_000].map((bytes) =>
    atMost('memory per queued event', `encoded bytes, body of ${bytes}`, 'memory', 1.15, (figure) =>
      figure(`body of ${bytes} bytes`, 'memoryRatio'),
    ),
  ),
  atMost(
    'put() into files, fsync on interval, above memory',
    'the memory channel',
    'file-channel',
    3,
    above('putTime', 'files, fsync interval', 'memory'),
    'µs',
  ),
  ...['lmdb', 'classic-level'].flatMap((peer) => [
    atLeast('put into files, events/s', peer, 'stores', 1, ratio('putsPerSecond', 'file channel', peer)),
    atLeast('taken from files, events/s', peer, 'stores', 1, ratio('drainsPerSecond', 'file channel', peer)),
  ]),
  ...['flume-thrift-client', 'winston-flume', 'pino-flume'].map((name) =>
    atMost(`import ${name}`, 'bare node', 'loading', 30, (figure) => figure(`import ${name}`, 'aboveMs'), 'ms'),
  ),
  atMost('put with 800,000 waiting', 'with 1,000', 'scale', 1.2, cpu('put, 800,000 wait', 'put, 1,000 wait')),
  atMost('CPU per event, 8 agents', '1 agent', 'scale', 1.2, cpu('delivery to 8 agents', 'delivery to 1 agent')),
];

/** Verdicts on the targets that a run has figures for. */
export function verdicts(outcomes: readonly Outcome[]): Verdict[] {
  return targets.flatMap((target) => {
    const outcome = outcomes.find(({ id }) => id === target.comparison);
    if (outcome === undefined) return [];
    const value = target.reached((name, column) => {
      const subject = outcome.subjects.find((one) => one.name === name);
      return subject === undefined ? Number.NaN : spread(subject.rounds, column).median;
    });
    const sign = target.wants === 'at least' ? '≥' : '≤';
    return [
      {
        what: target.what,
        against: target.against,
        target: `${sign} ${written(target.limit)} ${target.unit}`,
        reached: `${written(value)} ${target.unit}`,
        met: target.wants === 'at least' ? value >= target.limit : value <= target.limit,
      },
    ];
  });
}

function written(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
