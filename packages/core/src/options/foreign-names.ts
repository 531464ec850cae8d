// The options and flags of other transports, and their names here: for who comes from winston-loki, pino-loki,
// Elasticsearch, Logtail, Logstash, Fluentd, Datadog, CloudWatch or a rotated file, and types what has always worked.

/** The counterpart of an option of another transport. */
export interface Counterpart {
  /** Options here, the most likely first; one within another as its path. */
  readonly options: readonly string[];
  /** More that must be said. */
  readonly remark: string | undefined;
}

const agents: Counterpart = counterpart(['agents']);
const linger: Counterpart = counterpart(['lingerMs']);
const size: Counterpart = counterpart(['batchSize']);
const capacity: Counterpart = counterpart(['channel.capacity']);
const attempts: Counterpart = counterpart(['retry.maxAttempts']);
const delays: Counterpart = counterpart(['retry.initialDelayMs', 'retry.maxDelayMs']);
const answer: Counterpart = counterpart(['requestTimeoutMs']);
const place: Counterpart = counterpart(['headers', 'headerFields'], 'the agent chooses the place by them');
const file: Counterpart = counterpart([], "files are the agent's, chosen by headers: /logs/%{app}/%Y-%m-%d");
const words: Counterpart = counterpart(
  ['tls.cert', 'tls.key'],
  "Flume's Thrift source knows certificates, no passwords",
);
const shape: Counterpart = counterpart(['map'], "or the logger's format");
const trouble: Counterpart = counterpart([], "trouble is an event, 'warn' with winston and 'warning' with pino");
const ends: Counterpart = counterpart([], 'call installShutdown() or shutdown()');

/** By the name that the others have. */
export const counterparts: Readonly<Record<string, Counterpart>> = {
  url: agents,
  urls: agents,
  uri: agents,
  node: agents,
  nodes: agents,
  hostname: agents,
  hosts: agents,
  address: agents,
  endpoint: agents,
  endpoints: agents,
  server: agents,
  servers: agents,
  brokers: agents,
  baseURL: agents,
  clientOpts: counterpart(['agents', 'tls']),

  labels: counterpart(['headers']),
  staticLabels: counterpart(['headers']),
  defaultLabels: counterpart(['headers']),
  tags: counterpart(['headers']),
  ddtags: counterpart(['headers']),
  service: counterpart(['headers']),
  source: counterpart(['headers']),
  propsToLabels: counterpart(['headerFields']),
  labelKeys: counterpart(['headerFields']),
  structuredMetaKey: counterpart(['headerFields']),
  useWinstonMetaAsLabels: counterpart(['context.path'], "'.' is the record itself"),
  ignoredMeta: counterpart(['context.exclude']),
  levelMap: counterpart([], "the header level is the level's name"),

  index: place,
  indexPrefix: place,
  indexSuffixPattern: place,
  dataStream: place,
  dataset: place,
  database: place,
  collection: place,
  topic: place,
  logGroupName: place,
  logStreamName: place,

  filename: file,
  dirname: file,
  datePattern: file,
  maxFiles: file,
  maxSize: file,
  zippedArchive: counterpart([], "the agent's HDFS sink compresses: hdfs.codeC = gzip"),

  interval: linger,
  flushInterval: linger,
  sendInterval: linger,
  batchInterval: linger,
  uploadRate: linger,
  batch: size,
  batching: counterpart(['batchSize', 'lingerMs']),
  batchCount: size,
  maxBatchSize: size,
  bulkSize: size,
  flushBytes: counterpart(['batchBytes']),
  batchSizeKiB: counterpart(['batchBytes']),
  bufferLimit: capacity,
  bufferSize: capacity,
  maxBufferSize: capacity,
  queueSize: capacity,
  messageQueueSizeLimit: capacity,
  gzip: counterpart(['compress']),
  compression: counterpart(['compress']),

  retries: attempts,
  retryLimit: attempts,
  maxRetries: attempts,
  maxConnectRetries: attempts,
  retryDelay: delays,
  retryBackoff: delays,
  backoff: delays,
  reconnect: delays,
  reconnectInterval: delays,
  timeout: answer,
  requestTimeout: answer,
  connectTimeout: counterpart(['connectTimeoutMs']),
  connectionTimeout: counterpart(['connectTimeoutMs']),

  ssl: counterpart(['tls']),
  secure: counterpart(['tls']),
  ca: counterpart(['tls.ca']),
  cert: counterpart(['tls.cert']),
  rejectUnauthorized: counterpart(['tls.rejectUnauthorized']),
  auth: words,
  basicAuth: words,
  username: words,
  password: words,
  token: words,
  sourceToken: words,
  apiKey: words,

  transformer: shape,
  formatter: shape,
  logFormat: shape,
  json: counterpart([], "the body is the line of the logger's format"),
  replaceTimestamp: counterpart([], 'the header timestamp is the time of the record, or of its arrival'),
  apm: counterpart(['traceContext']),
  customLevels: counterpart(['levels']),
  level: counterpart([], 'a level stands beside the target, not among its options'),
  minimumLevel: counterpart([], 'a level stands beside the target, not among its options'),

  onError: trouble,
  onConnectionError: trouble,
  errorHandler: trouble,
  silenceErrors: trouble,
  gracefulShutdown: ends,
  exitOnError: counterpart([], "it is the logger's"),
};

/**
 * The counterpart of an option of another transport, in whatever case, with dashes or without.
 *
 * @param known the names that can be suggested
 * @returns undefined where no other transport has such an option, or what it is here is not among `known`
 */
export function counterpartOf(name: string, known: readonly string[]): Counterpart | undefined {
  const plain = name.replaceAll(/[-_]/g, '').toLowerCase();
  const found = Object.entries(counterparts).find(([foreign]) => foreign.toLowerCase() === plain)?.[1];
  const isKnown = (option: string): boolean => known.includes(option.split('.')[0] ?? '');
  return found?.options.every(isKnown) === true ? found : undefined;
}

/** As it follows `unknown option`: `, here it is headers`. */
export function counterpartText({ options, remark }: Counterpart): string {
  const names = options.length === 0 ? '' : `, here it is ${options.join(' or ')}`;
  return remark === undefined ? names : `${names}: ${remark}`;
}

function counterpart(options: readonly string[], remark?: string): Counterpart {
  return { options, remark };
}
