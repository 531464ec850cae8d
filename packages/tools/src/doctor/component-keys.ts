// The components of Flume 1.11 that a configuration can name, and their settings. A trailing `.*`: anything below it.

import { closest, distance } from 'fastest-levenshtein';

const words = (text: string): string[] => text.split(' ');

export type Kind = 'sources' | 'channels' | 'sinks';

/** Short names are taken in any case. */
const types: Readonly<Record<Kind, readonly string[]>> = {
  sources: [
    ...words('avro thrift exec jms spooldir taildir netcat netcatudp seq stress'),
    ...words('syslogtcp multiport_syslogtcp syslogudp http'),
  ],
  channels: ['memory', 'file', 'jdbc', 'spillablememory'],
  sinks: [
    'null',
    'logger',
    'file_roll',
    'hdfs',
    'irc',
    'avro',
    'thrift',
    'hbase',
    'hbase2',
    'asynchbase',
    'hive',
    'dataset',
    'http',
  ],
};

const classes: Readonly<Record<string, string>> = {
  'org.apache.flume.source.ThriftSource': 'thrift',
  'org.apache.flume.channel.MemoryChannel': 'memory',
  'org.apache.flume.channel.file.FileChannel': 'file',
  'org.apache.flume.channel.SpillableMemoryChannel': 'spillablememory',
  'org.apache.flume.channel.kafka.KafkaChannel': 'kafka',
  'org.apache.flume.sink.hdfs.HDFSEventSink': 'hdfs',
  'org.apache.flume.sink.RollingFileSink': 'file_roll',
  'org.apache.flume.sink.LoggerSink': 'logger',
  'org.apache.flume.sink.NullSink': 'null',
  'org.apache.flume.sink.ThriftSink': 'thrift',
  'org.apache.flume.sink.AvroSink': 'avro',
  'org.apache.flume.sink.kafka.KafkaSink': 'kafka',
};

/** `memory` for `Memory` and for the name of its class; a class that is not known here stays as it is. */
export const shortType = (type = ''): string => classes[type] ?? (type.includes('.') ? type : type.toLowerCase());

/** @returns undefined for a type that Flume has, or may have: a class */
export function unknownType(kind: Kind, type: string): { readonly nearest: string | undefined } | undefined {
  if (type.includes('.') || types[kind].includes(type.toLowerCase())) return undefined;
  return { nearest: nearestOf(type, types[kind]) };
}

const protocols = ['exclude-protocols', 'include-protocols', 'exclude-cipher-suites', 'include-cipher-suites'];
const truststore = ['truststore', 'truststore-password', 'truststore-type', 'trust-all-certs'];
const fileKeys = [
  ...words('checkpointDir useDualCheckpoints backupCheckpointDir compressBackupCheckpoint dataDirs'),
  ...words('transactionCapacity checkpointInterval maxFileSize minimumRequiredSpace keep-alive'),
  ...words('use-log-replay-v1 use-fast-replay checkpointOnClose encryption.* fsyncPerTransaction'),
  ...words('fsyncInterval write-timeout checkpoint-timeout'),
];
const hdfsKeys = [
  ...words('path filePrefix fileSuffix inUsePrefix inUseSuffix emptyInUseSuffix rollInterval rollSize'),
  ...words('rollCount idleTimeout batchSize codeC fileType maxOpenFiles minBlockReplicas writeFormat'),
  ...words('threadsPoolSize rollTimerPoolSize kerberosPrincipal kerberosKeytab proxyUser round roundValue'),
  ...words('roundUnit timeZone useLocalTimeStamp closeTries retryInterval callTimeout threadsPoolSize'),
  'tryCount',
];

const common: Readonly<Record<Kind, readonly string[]>> = {
  sources: ['type', 'channels', 'selector.*', 'interceptors', 'interceptors.*'],
  channels: ['type'],
  sinks: ['type', 'channel'],
};

// Only what our events pass through: of other components any setting is taken for right.
const settings: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
  sources: {
    thrift: [
      ...words('bind port threads protocol ssl keystore keystore-password keystore-type'),
      ...protocols,
      ...words('kerberos agent-principal agent-keytab'),
    ],
  },
  channels: {
    memory: ['capacity', 'transactionCapacity', 'keep-alive', 'byteCapacity', 'byteCapacityBufferPercentage'],
    file: ['capacity', ...fileKeys],
    spillablememory: [
      ...words('memoryCapacity overflowCapacity overflowTimeout overflowDeactivationThreshold avgEventSize'),
      ...words('byteCapacity byteCapacityBufferPercentage'),
      ...fileKeys,
    ],
    kafka: [
      ...words('kafka.* parseAsFlumeEvent pollTimeout defaultPartitionId partitionIdHeader'),
      ...words('migrateZookeeperOffsets zookeeperConnect'),
    ],
  },
  sinks: {
    hdfs: [...hdfsKeys.map((key) => `hdfs.${key}`), 'serializer', 'serializer.*'],
    file_roll: [
      'sink.directory',
      'sink.pathManager',
      'sink.pathManager.*',
      'sink.rollInterval',
      'sink.serializer',
      'sink.serializer.*',
      'sink.batchSize',
    ],
    logger: ['maxBytesToLog'],
    null: ['batchSize', 'logEveryNEvents'],
    thrift: [
      ...words('hostname port batch-size connect-timeout request-timeout connection-reset-interval protocol'),
      ...words('maxConnections ssl'),
      ...truststore,
      ...protocols,
      ...words('kerberos client-principal client-keytab server-principal'),
    ],
    avro: [
      ...words('hostname port batch-size connect-timeout request-timeout reset-connection-interval'),
      ...words('compression-type compression-level maxIoWorkers ssl'),
      ...truststore,
      ...protocols,
    ],
    kafka: [
      ...words('kafka.* flumeBatchSize useFlumeEventFormat defaultPartitionId partitionIdHeader'),
      ...words('allowTopicOverride topicHeader timestampHeader header.*'),
    ],
  },
};

/** @returns undefined for a setting that the component has, or may have */
export function unknownSetting(
  kind: Kind,
  type: string,
  name: string,
): { readonly nearest: string | undefined } | undefined {
  const own = settings[kind][shortType(type)];
  if (own === undefined) return undefined;
  const known = [...common[kind], ...own];
  const fits = (pattern: string): boolean =>
    pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  if (known.some(fits)) return undefined;
  return {
    nearest: nearestOf(
      name,
      known.filter((pattern) => !pattern.endsWith('.*')),
    ),
  };
}

/** The settings of an interceptor or a selector are checked by their type alone. */
const interceptorTypes = [
  'timestamp',
  'host',
  'static',
  'remove_header',
  'regex_filter',
  'regex_extractor',
  'search_replace',
];
const selectorTypes = ['replicating', 'multiplexing', 'load_balancing'];

export function unknownPart(
  part: 'interceptor' | 'selector',
  type: string,
): { readonly nearest: string | undefined } | undefined {
  const known = part === 'interceptor' ? interceptorTypes : selectorTypes;
  if (type.includes('.') || known.includes(type.toLowerCase())) return undefined;
  return { nearest: nearestOf(type, known) };
}

function nearestOf(word: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_]/g, '');
  const near = closest(plain(word), known.map(plain));
  const found = known.find((one) => plain(one) === near);
  return distance(plain(word), near) <= Math.max(2, word.length / 4) ? found : undefined;
}
