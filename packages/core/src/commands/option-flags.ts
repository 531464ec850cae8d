// Which options a command has, and how its help explains them. What their values may be, the options themselves know.

export interface OptionFlag {
  /** Its name, and for one within another its path, as `channel.dir`. */
  readonly option: string;
  /**
   * The word for the value in the help, which says how it is read: `n`, `ms`, `bytes` and what follows in `name=n` are
   * numbers, one with `=` or `:` is given again for each further one, one with a comma is a list.
   */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionFlag[];
}

const agentOptions: OptionGroup = {
  title: 'The agents',
  options: [
    { option: 'agents', value: 'host:port', help: 'an agent; again for each further one (default 127.0.0.1:4141)' },
    { option: 'host', short: 'H', value: 'name', help: 'the host of a single agent' },
    { option: 'port', short: 'p', value: 'n', help: 'its port' },
    { option: 'path', value: 'socket', help: 'a Unix domain socket instead' },
    { option: 'protocol', value: 'name', help: "compact, binary or json, as the agent's source has it" },
    { option: 'framed', help: 'no frames, for Thrift servers other than Flume' },
    { option: 'processor', value: 'name', help: 'failover: the first that works, or load_balance: all that work' },
    { option: 'selector', value: 'name', help: 'for load_balance: round_robin or random; for both: hash' },
    { option: 'maxPenaltyMs', value: 'ms', help: 'longest that a failing agent is left alone while there are others' },
    { option: 'connectTimeoutMs', value: 'ms', help: 'for a connection' },
    { option: 'requestTimeoutMs', value: 'ms', help: 'for an answer' },
    { option: 'connectionMaxAgeMs', value: 'ms', help: 'replaces connections of that age; 0 never' },
  ],
};

const tlsOptions: OptionGroup = {
  title: 'TLS',
  options: [
    { option: 'tls', help: 'TLS; --no-tls: plain TCP is meant' },
    { option: 'tls.ca', value: 'file', help: "TLS, with the authority that signed the agent's certificate" },
    { option: 'tls.cert', value: 'file', help: "the client's certificate" },
    { option: 'tls.key', value: 'file', help: 'and its private key' },
    { option: 'tls.pfx', value: 'file', help: 'both in one file' },
    { option: 'tls.passphrase', value: 'text', help: 'opens the key; others see flags, so better in the environment' },
    { option: 'tls.servername', value: 'name', help: "the name in the agent's certificate (default the agent's host)" },
    { option: 'tls.minVersion', value: 'name', help: 'TLSv1.2 or TLSv1.3' },
    { option: 'tls.rejectUnauthorized', help: 'accepts any certificate: for tests only' },
  ],
};

const kerberosOptions: OptionGroup = {
  title: 'Kerberos, with the npm package kerberos',
  options: [
    { option: 'kerberos', help: 'Kerberos, with the ticket that kinit got' },
    { option: 'kerberos.keytab', value: 'file', help: 'Kerberos, with tickets from this keytab' },
    { option: 'kerberos.principal', value: 'name', help: 'the client (default the first of the cache or keytab)' },
    { option: 'kerberos.service', value: 'name', help: "the first part of the agent's principal (default flume)" },
    { option: 'kerberos.host', value: 'name', help: "its second part (default the agent's host)" },
  ],
};

const eventOptions: OptionGroup = {
  title: 'The events',
  options: [
    { option: 'headers', value: 'name=value', help: 'a header of every event; again for each further one' },
    { option: 'eventId', help: 'adds a header id, a UUID, to tell duplicates by' },
    { option: 'compress', value: 'how', help: 'gzip: compresses bodies of 1 KiB and more' },
    { option: 'maxEventBytes', value: 'bytes', help: 'most bytes of an event' },
    { option: 'oversize', value: 'what', help: 'above that: truncate or drop' },
  ],
};

const presetOption: OptionFlag = {
  option: 'preset',
  value: 'name',
  help: 'flume (timestamp, host, level, logger), hdfs, kafka, log4j, log4j2, none',
};

const recordOptions: OptionGroup = {
  title: 'Events from records',
  options: [
    { option: 'headerFields', value: 'name=path', help: 'a header from a field of the record; again for each' },
    presetOption,
    { option: 'traceContext', help: 'headers trace_id, span_id, trace_flags from such fields' },
    { option: 'context.path', value: 'path', help: 'headers from the fields of an object in the record' },
    { option: 'context.include', value: 'field,…', help: 'of these fields' },
    { option: 'context.exclude', value: 'field,…', help: 'of all but these' },
    { option: 'context.required', value: 'field,…', help: 'warns where one of these is missing' },
    { option: 'context.prefix', value: 'text', help: 'before the names of these headers' },
    { option: 'redact', value: 'path,…', help: 'hides these fields, also *.token, users[*].email' },
    { option: 'body', value: 'what', help: 'line, message, or a path in the record' },
    { option: 'map', value: 'module', help: 'exports (record) => ({ headers, body }), or null to send nothing' },
  ],
};

const deliveryOptions: OptionGroup = {
  title: 'Batches and retries',
  options: [
    { option: 'batchSize', value: 'n', help: 'most events in a call' },
    { option: 'batchBytes', value: 'bytes', help: 'most bytes in a call' },
    { option: 'lingerMs', value: 'ms', help: 'how long a batch may wait to become full' },
    { option: 'maxInFlight', value: 'n', help: 'calls in flight; only 1 keeps the order after a fault' },
    { option: 'retry.initialDelayMs', value: 'ms', help: 'longest first rest after a failure' },
    { option: 'retry.maxDelayMs', value: 'ms', help: 'longest rest' },
    { option: 'retry.maxAttempts', value: 'n', help: 'gives a batch up after so many; 0 never' },
    { option: 'retry.maxAgeMs', value: 'ms', help: 'gives an event up at that age; 0 never' },
    { option: 'deadLetter', value: 'file', help: 'where events go that are given up, as lines of JSON' },
    { option: 'closeTimeoutMs', value: 'ms', help: 'how long to go on at the end' },
    { option: 'exitTimeoutMs', value: 'ms', help: 'how long, where the process ends in the middle' },
  ],
};

const channelOptions: OptionGroup = {
  title: 'The channel, where events wait',
  options: [
    { option: 'channel.type', value: 'name', help: 'memory, file or spillable' },
    { option: 'channel.capacity', value: 'n', help: 'in memory: most events' },
    { option: 'channel.byteCapacity', value: 'bytes', help: 'in memory: most bytes' },
    { option: 'channel.dir', value: 'folder', help: 'in files: events outlive the command' },
    { option: 'channel.maxBytes', value: 'bytes', help: 'in files: most bytes' },
    { option: 'channel.minFreeBytes', value: 'bytes', help: 'in files: bytes that the disk keeps for others' },
    { option: 'channel.fsync', value: 'when', help: 'in files: always, interval or never' },
    { option: 'channel.whenFull', value: 'what', help: 'drop-newest, drop-oldest or drop-low' },
  ],
};

/** For a command that delivers lines which are no records, and keeps nothing itself. */
export const sendFlags: readonly OptionGroup[] = [
  agentOptions,
  tlsOptions,
  kerberosOptions,
  { ...eventOptions, options: [...eventOptions.options, presetOption] },
  deliveryOptions,
];

/** The same for events that are encoded already. */
export const resendFlags: readonly OptionGroup[] = [agentOptions, tlsOptions, kerberosOptions, deliveryOptions];

/** For lines that are records of a logger. */
export const loggerFlags: readonly OptionGroup[] = [
  agentOptions,
  tlsOptions,
  kerberosOptions,
  eventOptions,
  recordOptions,
  deliveryOptions,
  channelOptions,
];
