// The traps in an agent's configuration: each with why, and the line to write. Numbers are Flume's own defaults.

import { type AgentConfiguration, type Component, type Sink, type Source, wordsOf } from 'flume-dev-agent/conf';
import { heapText } from './agent-heap.ts';
import { shortType } from './component-keys.ts';
import type { Finding } from './finding.ts';

export interface TrapFinding extends Finding {
  /** Where in the file; 0: nowhere. */
  readonly line: number;
  /** It may be meant. */
  readonly note?: boolean;
}

export interface TrapManner {
  readonly durable: boolean;
  /** In bytes. */
  readonly heap: number | undefined;
}

export type Trap = (agent: AgentConfiguration, manner: TrapManner) => readonly TrapFinding[];

/** Events that a batch of ours has at least before it is due; it grows only as far as the agent takes it. */
const ourBatch = 100;

const isTrue = (component: Component, key: string): boolean =>
  component.settings.get(key)?.value.toLowerCase() === 'true';
const number = (component: Component, key: string): number | undefined => {
  const value = Number(component.settings.get(key)?.value);
  return Number.isFinite(value) ? value : undefined;
};
const thrifts = ({ sources }: AgentConfiguration): Source[] =>
  sources.filter(({ type }) => shortType(type) === 'thrift');
const lineOf = (component: Component, key: string): number => component.settings.get(key)?.line ?? component.line;
const isMemory = (channel: Component): boolean => ['memory', 'spillablememory'].includes(shortType(channel.type));

const noSource: Trap = (agent) =>
  thrifts(agent).length > 0
    ? []
    : [
        {
          line: 0,
          what: 'it has no Thrift source, which is what clients here talk to',
          set: `${agent.name}.sources.r1.type = thrift`,
        },
      ];

const threads: Trap = (agent) =>
  thrifts(agent).flatMap((source) => {
    const path = `${agent.name}.sources.${source.name}`;
    const count = number(source, 'threads');
    const pooled = isTrue(source, 'ssl') || isTrue(source, 'kerberos');
    const line = lineOf(source, 'threads');
    if (pooled && count !== undefined && count > 0 && count < 5) {
      const what = `${path}.threads = ${count}: with ssl or kerberos the source does not start below 5, and each connection holds one`;
      return [{ line, what, set: `${path}.threads = 20` }];
    }
    if (pooled || (count !== undefined && count > 0)) return [];
    const what = `${path}.threads is not set: every call leaves a thread that never ends, and after some thousand the agent is out of memory`;
    return [{ line, what, set: `${path}.threads = 10` }];
  });

const protocol: Trap = (agent) =>
  thrifts(agent).flatMap((source) => {
    const { value = 'compact', line = 0 } = source.settings.get('protocol') ?? {};
    const path = `${agent.name}.sources.${source.name}.protocol`;
    if (value === 'compact' || value === 'binary') return [];
    if (/^(?:compact|binary)$/i.test(value)) {
      const what = `${path} = ${value}: accepted, but only in lower case it is more than compact`;
      return [{ line, what, set: `${path} = ${value.toLowerCase()}` }];
    }
    return [{ line, what: `${path} = ${value}: the source does not start`, set: `${path} = compact` }];
  });

const loopback: Trap = (agent) =>
  thrifts(agent).flatMap((source) => {
    const { value = '', line = 0 } = source.settings.get('bind') ?? {};
    const path = `${agent.name}.sources.${source.name}.bind`;
    if (value === '')
      return [{ line: source.line, what: `${path} is not set: the source does not start`, set: `${path} = 0.0.0.0` }];
    if (!/^(?:127\.|localhost$|::1$|\[::1\]$)/.test(value)) return [];
    // An agent that hands everything on is one beside its application.
    const handsOn =
      agent.sinks.length > 0 && agent.sinks.every(({ type }) => ['thrift', 'avro'].includes(shortType(type)));
    const what = `${path} = ${value}: only this machine reaches it`;
    return [{ line, what, set: `${path} = 0.0.0.0`, note: handsOn }];
  });

const security: Trap = (agent) =>
  thrifts(agent).flatMap((source) => {
    const path = `${agent.name}.sources.${source.name}`;
    const needs = (key: string, option: string, value: string): TrapFinding[] =>
      isTrue(source, option) && !source.settings.has(key)
        ? [
            {
              line: lineOf(source, option),
              what: `${path}.${option} = true, and no ${key}: the source does not start`,
              set: `${path}.${key} = ${value}`,
            },
          ]
        : [];
    return [
      ...needs('keystore', 'ssl', '/etc/flume/agent.p12'),
      ...needs('agent-principal', 'kerberos', 'flume/_HOST@REALM'),
      ...needs('agent-keytab', 'kerberos', '/etc/flume/flume.keytab'),
    ];
  });

const capacityDefaults: Readonly<Record<string, readonly [capacity: number, transaction: number]>> = {
  memory: [100, 100],
  file: [1_000_000, 10_000],
};

const capacities: Trap = (agent) =>
  agent.channels.flatMap((channel) => {
    const path = `${agent.name}.channels.${channel.name}`;
    const defaults = capacityDefaults[shortType(channel.type)];
    if (defaults === undefined) return [];
    const capacity = number(channel, 'capacity') ?? defaults[0];
    const transaction = number(channel, 'transactionCapacity') ?? defaults[1];
    const findings: TrapFinding[] = [];
    if (transaction < ourBatch) {
      const what = `${path}.transactionCapacity = ${transaction} is below a batch of ${ourBatch}: it is refused, and sent again in pieces`;
      findings.push({ line: lineOf(channel, 'transactionCapacity'), what, set: `${path}.transactionCapacity = 1000` });
    }
    if (transaction > capacity) {
      const what = `${path}.transactionCapacity = ${transaction} is above capacity = ${capacity}: the channel does not start`;
      findings.push({
        line: lineOf(channel, 'transactionCapacity'),
        what,
        set: `${path}.capacity = ${Math.max(10_000, transaction)}`,
      });
    } else if (shortType(channel.type) === 'memory' && !channel.settings.has('capacity')) {
      const what = `${path}.capacity is not set: it holds 100 events, a single batch, and refuses the next one while its sink is busy`;
      findings.push({ line: channel.line, what, set: `${path}.capacity = 10000` });
    }
    for (const sink of agent.sinks.filter((one) => one.channel === channel.name)) {
      const [key, size] = batchOf(sink);
      if (size === undefined || size <= transaction) continue;
      const sinkPath = `${agent.name}.sinks.${sink.name}`;
      const what = `${sinkPath}.${key} = ${size} is above its channel's transactionCapacity = ${transaction}: the sink is not started`;
      findings.push({ line: lineOf(sink, key), what, set: `${path}.transactionCapacity = ${size}` });
    }
    return findings;
  });

// Of Flume's own sinks, where it is not set.
const sinkBatch = 100;

function batchOf(sink: Sink): [key: string, size: number | undefined] {
  const keys: Readonly<Record<string, string>> = {
    hdfs: 'hdfs.batchSize',
    file_roll: 'sink.batchSize',
    thrift: 'batch-size',
    avro: 'batch-size',
    kafka: 'flumeBatchSize',
  };
  const known = keys[shortType(sink.type)];
  const key = known ?? 'batchSize';
  return [key, number(sink, key) ?? (known === undefined ? undefined : sinkBatch)];
}

const memory: Trap = (agent, { durable }) =>
  agent.channels.filter(isMemory).map((channel) => {
    const path = `${agent.name}.channels.${channel.name}`;
    return {
      line: channel.line,
      what: `${path} is in memory: every restart of the agent, also one in order, loses what waits in it`,
      set: `${path}.type = file\n${path}.checkpointDir = /var/lib/flume/checkpoint\n${path}.dataDirs = /var/lib/flume/data`,
      note: !durable,
    };
  });

const timestamps: Trap = (agent) =>
  agent.sinks.flatMap((sink) => {
    if (shortType(sink.type) !== 'hdfs' || isTrue(sink, 'hdfs.useLocalTimeStamp')) return [];
    const places = ['hdfs.path', 'hdfs.filePrefix'].map((key) => sink.settings.get(key)?.value ?? '').join(' ');
    if (!/%[a-zA-Z]/.test(places)) return [];
    return agent.sources
      .filter(({ channels }) => sink.channel !== undefined && channels.includes(sink.channel))
      .filter(
        ({ interceptors }) => !interceptors.some(({ type }) => /^timestamp$|TimestampInterceptor/i.test(type ?? '')),
      )
      .map((source) => {
        const path = `${agent.name}.sources.${source.name}`;
        const what =
          `${agent.name}.sinks.${sink.name}.hdfs.path has times, and nothing gives an event its timestamp where the sender has not: ` +
          'at the first such event the sink stands still, for all others too';
        const names = [...source.interceptors.map(({ name }) => name), 'ts'].join(' ');
        const set = `${path}.interceptors = ${names}\n${path}.interceptors.ts.type = timestamp\n${path}.interceptors.ts.preserveExisting = true`;
        return { line: lineOf(sink, 'hdfs.path'), what, set };
      });
  });

const rolling: Trap = (agent) =>
  agent.sinks.flatMap((sink) => {
    const path = `${agent.name}.sinks.${sink.name}`;
    const type = shortType(sink.type);
    if (type === 'file_roll' && !sink.settings.has('sink.rollInterval')) {
      const what = `${path}.sink.rollInterval is not set: a file every 30 seconds, an empty one too`;
      return [{ line: sink.line, what, set: `${path}.sink.rollInterval = 3600` }];
    }
    if (type !== 'hdfs') return [];
    const unset = (
      [
        ['hdfs.rollInterval', 'a file every 30 seconds', '300'],
        ['hdfs.rollSize', 'a file every 1,024 bytes', '134217728'],
        ['hdfs.rollCount', 'a file every 10 events', '0'],
      ] as const
    ).filter(([key]) => !sink.settings.has(key));
    return unset.map(([key, why, value]) => ({
      line: sink.line,
      what: `${path}.${key} is not set: ${why}`,
      set: `${path}.${key} = ${value}`,
    }));
  });

const optional: Trap = (agent) =>
  agent.sources.flatMap((source) =>
    wordsOf(source.selector.settings.get('optional')).flatMap((name): TrapFinding[] => {
      const channel = agent.channels.find((one) => one.name === name);
      const line = source.selector.settings.get('optional')?.line ?? source.line;
      const lost = `${agent.name}.channels.${name} is optional: the source answers OK also where it takes nothing`;
      if (channel === undefined || shortType(channel.type) === 'kafka') return [];
      if (number(channel, 'keep-alive') === 0) return [{ line, what: lost, note: true }];
      const what = `${lost}, after a wait of its keep-alive for each batch while it is full`;
      return [{ line, what, set: `${agent.name}.channels.${name}.keep-alive = 0` }];
    }),
  );

const leastHeap = 128 * 1024 ** 2;
// An event of a usual log line: body, four headers, and what Java needs around them.
const eventBytes = 1_000;
// The memory channel's own bound.
const channelShare = 0.8;

const heap: Trap = (agent, { heap: bytes }) => {
  const set = 'export JAVA_OPTS="-Xms512m -Xmx512m"   (conf/flume-env.sh)';
  if (bytes === undefined) {
    const what =
      'the heap is not in this file: bin/flume-ng takes 20 MB unless JAVA_OPTS in conf/flume-env.sh says more; --heap 512m checks it';
    return [{ line: 0, what, note: true }];
  }
  const findings: TrapFinding[] = [];
  if (bytes < leastHeap) {
    const what = `a heap of ${heapText(bytes)} is too small for batches: a few of 1 MiB at once, and the agent closes connections without a word`;
    findings.push({ line: 0, what, set });
  }
  for (const channel of agent.channels.filter(isMemory)) {
    const key = shortType(channel.type) === 'memory' ? 'capacity' : 'memoryCapacity';
    const capacity = number(channel, key) ?? (key === 'capacity' ? 100 : 10_000);
    if (capacity * eventBytes <= bytes * channelShare) continue;
    const what =
      `${agent.name}.channels.${channel.name}.${key} = ${capacity} leaves ${Math.floor((bytes * channelShare) / capacity)} bytes for an ` +
      `event in a heap of ${heapText(bytes)}: it is full long before`;
    const needed = Math.ceil((capacity * eventBytes) / channelShare / 1024 ** 2 / 256) * 256;
    findings.push({
      line: lineOf(channel, key),
      what,
      set: `export JAVA_OPTS="-Xms${needed}m -Xmx${needed}m"   (conf/flume-env.sh)`,
    });
  }
  return findings;
};

export const traps: readonly Trap[] = [
  noSource,
  threads,
  protocol,
  loopback,
  security,
  capacities,
  memory,
  timestamps,
  rolling,
  optional,
  heap,
];
