// Starts a real Apache Flume agent, Thrift source → channel → sink, in a folder of its own, for the tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from './guard.ts';
import type { Keystore } from './keystore.ts';
import { type FlumeVersion, flumeClasspath, javaTool } from './maven.ts';
import { accepts, freePorts } from './ports.ts';

export interface FlumeAgentOptions {
  /** Default: '1.11.0'. */
  readonly version?: FlumeVersion;
  /** Of the Thrift source; default 'compact', as in Flume. */
  readonly protocol?: 'compact' | 'binary';
  /** Of the Thrift source; default 10. 0 is Flume's default, which leaves one thread behind for every call. */
  readonly threads?: number;
  /** Makes the Thrift source speak TLS. */
  readonly tls?: Keystore;
  /** Default: a free port. A given port that is taken rejects; a free one that was snatched is replaced. */
  readonly port?: number;
  /** Default: 'memory'. A file channel lives in the agent's folder and outlasts `kill` and `restart`. */
  readonly channel?: 'memory' | 'file';
  /** Of the channel; default: Flume's own (memory 100, file 1,000,000). */
  readonly capacity?: number;
  /** Of the channel; default: Flume's own (memory 100, file 10,000). */
  readonly transactionCapacity?: number;
  /** How long a full channel waits before FAILED, and a sink for a full batch; default 1. Flume's own default is 3. */
  readonly keepAliveSeconds?: number;
  /** Default: `{ type: 'file_roll' }`. */
  readonly sink?: FlumeSink;
  /** More of the configuration, or other values, without the agent's name: `{ 'sources.r1.interceptors': 'i1' }`. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** The whole configuration instead of all the above; its source, channel and sink are r1, c1 and k1. */
  readonly configuration?: (port: number, directory: string) => string;
  /** Class paths beside Flume's own. */
  readonly libraries?: readonly string[];
  /** Default: 512. `bin/flume-ng` itself starts agents with 20. */
  readonly heapMegabytes?: number;
  readonly jvmOptions?: readonly string[];
  /** How long an agent may take until it serves; default 60 s, since the machines of a CI are slow. */
  readonly startTimeoutMs?: number;
}

export type FlumeSink =
  /** Writes a file that `delivered()` reads back. TEXT, the default, is the body and a newline, without headers. */
  | { type: 'file_roll'; directory?: string; serializer?: 'TEXT' | 'HEADER_AND_TEXT'; batchSize?: number }
  /** Sends on to another Thrift source. */
  | {
      type: 'thrift';
      host: string;
      port: number;
      protocol?: 'compact' | 'binary';
      batchSize?: number;
      /** The keystore of the other side; its certificate is what this sink trusts. */
      tls?: Keystore;
    }
  | { type: 'null'; batchSize?: number };

/** The numbers that the agent reports of itself, by Flume's own names; what it does not report is not there. */
export interface FlumeMetrics {
  /** EventAcceptedCount, AppendAcceptedCount, AppendBatchAcceptedCount, ChannelWriteFail (not in 1.7), … */
  readonly source: Readonly<Record<string, number>>;
  /** ChannelSize, EventPutSuccessCount, EventTakeSuccessCount, … */
  readonly channel: Readonly<Record<string, number>>;
  /** EventDrainSuccessCount, ConnectionFailedCount, … A null sink reports nothing. */
  readonly sink: Readonly<Record<string, number>>;
}

export interface FlumeAgent extends AsyncDisposable {
  readonly version: FlumeVersion;
  readonly host: '127.0.0.1';
  /** Of the Thrift source. */
  readonly port: number;
  readonly metricsUrl: string;
  /** Where everything of this agent is: the configuration, the log, the channel, what the sink wrote. */
  readonly directory: string;
  /** Read at each start. */
  readonly configurationFile: string;
  readonly pid: number | undefined;
  /** How long the last start took. */
  readonly startedInMs: number;
  metrics(): Promise<FlumeMetrics>;
  /** Resolves with the metrics once `check` holds for them; rejects with the last ones when that takes too long. */
  metricsWhen(check: (metrics: FlumeMetrics) => boolean, timeoutMs?: number): Promise<FlumeMetrics>;
  /** What the file_roll sink has written so far. */
  delivered(): Buffer;
  /** All that the agent ever logged, over restarts. */
  log(): string;
  /** Resolves when the process is gone; its folder stays, for `restart()`. Default: SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts again on the same port, over the same channel; stops the agent in order first where it still runs. */
  restart(): Promise<void>;
  /** Ends the agent in order and removes its folder. */
  stop(): Promise<void>;
}

/** Resolves when the agent serves; rejects with the end of its log when it does not come up. */
export async function startFlumeAgent(options: FlumeAgentOptions = {}): Promise<FlumeAgent> {
  // The ports have to stand in the configuration, so another process can take them before the agent does.
  for (let attempt = 1; ; attempt += 1) {
    const agent = new AgentProcess(options, await freePorts(2));
    try {
      await agent.start();
      return agent;
    } catch (error) {
      await agent.stop();
      const again = error instanceof PortTakenError && options.port === undefined && attempt < 5;
      if (!again) throw error;
    }
  }
}

/** The agent found its port taken. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

const host = '127.0.0.1';

// Said by Java, by Jetty, and by libthrift 0.9 (Flume 1.7 and 1.9), plain and TLS, which hides what Java said.
const portTaken = /Address already in use|Failed to bind|Could not create ServerSocket|Could not bind to port/;

class AgentProcess implements FlumeAgent {
  readonly version: FlumeVersion;
  readonly host = host;
  readonly port: number;
  readonly directory: string;
  startedInMs = 0;

  readonly #options: FlumeAgentOptions;
  readonly #monitoringPort: number;
  readonly #guard: ChildProcess;
  #process: ChildProcess | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: FlumeAgentOptions, ports: readonly number[]) {
    const [freePort, monitoringPort] = ports as [number, number];
    this.#options = options;
    this.#monitoringPort = monitoringPort;
    this.version = options.version ?? '1.11.0';
    this.port = options.port ?? freePort;
    this.directory = mkdtempSync(path.join(tmpdir(), 'flume-agent-'));
    this.#guard = guard(this.directory);
    writeFileSync(this.configurationFile, (options.configuration ?? standard(options))(this.port, this.directory));
    writeFileSync(this.#logFile, '');
    mkdirSync(this.#outFolder, { recursive: true });
  }

  get metricsUrl(): string {
    return `http://${host}:${this.#monitoringPort}/metrics`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get configurationFile(): string {
    return path.join(this.directory, 'agent.conf');
  }

  get #logFile(): string {
    return path.join(this.directory, 'agent.log');
  }

  get #pidFile(): string {
    return path.join(this.directory, 'pid');
  }

  get #outFolder(): string {
    return outFolder(this.#options.sink, this.directory);
  }

  async start(): Promise<void> {
    const began = performance.now();
    const before = this.log().length;
    const child = this.#spawn();
    const deadline = began + (this.#options.startTimeoutMs ?? 60_000);
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = new Error(`${javaTool('java')} could not be started: ${error.message}`);
    });
    for (;;) {
      const log = this.log().slice(before);
      // An agent never gives up: where a port is taken or a setting is wrong, it tries again for ever.
      if (portTaken.test(log)) throw new PortTakenError(`port ${this.port} or ${this.#monitoringPort} is taken`);
      if (/Unable to start EventDrivenSourceRunner|Failed to load configuration|due to an error/.test(log)) {
        throw this.#notUp('cannot run as configured', log);
      }
      if (failure !== undefined) throw failure;
      if (this.#process !== child) throw this.#notUp('ended before it served', log);
      // The port alone would not do: it accepts up to a second before the agent's metrics know the source.
      if (log.includes('Started Thrift source') && (await accepts(this.port)) && (await this.#reports())) break;
      if (performance.now() > deadline) throw this.#notUp('did not serve in time', log);
      await delay(20);
    }
    this.startedInMs = performance.now() - began;
  }

  async metrics(): Promise<FlumeMetrics> {
    // A connection of its own each time: a kept one would be found dead after a restart.
    const headers = { connection: 'close' };
    const response = await fetch(this.metricsUrl, { headers });
    const all = (await response.json()) as Record<string, Record<string, string>>;
    return { source: numbers(all['SOURCE.r1']), channel: numbers(all['CHANNEL.c1']), sink: numbers(all['SINK.k1']) };
  }

  async metricsWhen(check: (metrics: FlumeMetrics) => boolean, timeoutMs = 20_000): Promise<FlumeMetrics> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const metrics = await this.metrics();
      if (check(metrics)) return metrics;
      if (performance.now() > deadline) {
        throw new Error(`still not so after ${timeoutMs} ms: ${check}; metrics: ${JSON.stringify(metrics)}`);
      }
      await delay(20);
    }
  }

  delivered(): Buffer {
    const files = readdirSync(this.#outFolder).sort();
    return Buffer.concat(files.map((name) => readFileSync(path.join(this.#outFolder, name))));
  }

  log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    // An agent whose shutdown hangs is killed; the timer also keeps the event loop alive, which the child does not.
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await exit;
    clearTimeout(timer);
  }

  async restart(): Promise<void> {
    if (this.#stopped !== undefined) throw new Error('this agent was stopped, and its folder removed');
    await this.kill('SIGTERM');
    await this.start();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.kill('SIGTERM').then(async () => {
      // The guard removes the folder, here as everywhere else; it is waited for, so it must hold the loop again.
      this.#guard.ref();
      const exit = once(this.#guard, 'exit');
      this.#guard.stdin?.end();
      await exit;
    });
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #spawn(): ChildProcess {
    const { heapMegabytes = 512, jvmOptions = [], libraries = [] } = this.#options;
    const logging = path.join(import.meta.dirname, 'logging');
    const log = openSync(this.#logFile, 'a');
    const jvm = [
      `-Xmx${heapMegabytes}m`,
      // Agents here live for seconds: the second compiler would cost more than it gains, a third of the start.
      '-XX:TieredStopAtLevel=1',
      '-Dflume.monitoring.type=http',
      `-Dflume.monitoring.port=${this.#monitoringPort}`,
      ...jvmOptions,
      '-cp',
      [logging, flumeClasspath(this.version), ...libraries].join(path.delimiter),
    ];
    const application = [
      'org.apache.flume.node.Application',
      '-n',
      'a1',
      '-f',
      this.configurationFile,
      '--no-reload-conf',
    ];
    const child = spawn(javaTool('java'), [...jvm, ...application], {
      cwd: this.directory,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#process = child;
    const gone = () => {
      this.#process = undefined;
      rmSync(this.#pidFile, { force: true });
    };
    child.once('exit', gone);
    child.once('error', gone);
    if (child.pid !== undefined) writeFileSync(this.#pidFile, String(child.pid));
    // A test that forgets its agent, or fails before `stop`, must still be able to end.
    child.unref();
    return child;
  }

  // The metrics know the source: so the port that accepts is this agent's, and its monitoring serves.
  async #reports(): Promise<boolean> {
    try {
      const { source } = await this.metrics();
      return (source.StartTime ?? 0) > 0;
    } catch {
      return false;
    }
  }

  #notUp(what: string, log: string): Error {
    const tail = log.trimEnd().split('\n').slice(-30).join('\n');
    return new Error(`the Flume ${this.version} agent ${what}; its log ends:\n${tail}`);
  }
}

const standard = (options: FlumeAgentOptions) => (port: number, directory: string) =>
  configuration(options, port, directory);

function configuration(options: FlumeAgentOptions, port: number, directory: string): string {
  const { protocol, threads = 10, tls, channel = 'memory', capacity, transactionCapacity } = options;
  const values: Record<string, string | number | boolean | undefined> = {
    sources: 'r1',
    channels: 'c1',
    sinks: 'k1',
    'sources.r1.type': 'thrift',
    'sources.r1.bind': host,
    'sources.r1.port': port,
    'sources.r1.threads': threads,
    'sources.r1.protocol': protocol,
    'sources.r1.channels': 'c1',
    ...(tls && {
      'sources.r1.ssl': true,
      'sources.r1.keystore': tls.file,
      'sources.r1.keystore-password': tls.password,
      'sources.r1.keystore-type': tls.type,
    }),
    'channels.c1.type': channel,
    'channels.c1.capacity': capacity,
    'channels.c1.transactionCapacity': transactionCapacity,
    'channels.c1.keep-alive': options.keepAliveSeconds ?? 1,
    ...(channel === 'file' && {
      'channels.c1.checkpointDir': path.join(directory, 'checkpoint'),
      'channels.c1.dataDirs': path.join(directory, 'data'),
      // By default a file channel refuses to work below 500 MB of free disk.
      'channels.c1.minimumRequiredSpace': 1024 * 1024,
    }),
    ...sinkProperties(options.sink, directory),
    'sinks.k1.channel': 'c1',
    ...options.properties,
  };
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `a1.${key} = ${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}

function sinkProperties(sink: FlumeSink = { type: 'file_roll' }, directory: string) {
  const type = { 'sinks.k1.type': sink.type };
  if (sink.type === 'file_roll') {
    return {
      ...type,
      'sinks.k1.sink.directory': outFolder(sink, directory),
      // One file, however long the test runs.
      'sinks.k1.sink.rollInterval': 0,
      'sinks.k1.sink.serializer': sink.serializer,
      'sinks.k1.sink.batchSize': sink.batchSize,
    };
  }
  if (sink.type === 'null') return { ...type, 'sinks.k1.batchSize': sink.batchSize };
  return {
    ...type,
    'sinks.k1.hostname': sink.host,
    'sinks.k1.port': sink.port,
    'sinks.k1.protocol': sink.protocol,
    'sinks.k1.batch-size': sink.batchSize,
    ...(sink.tls && {
      'sinks.k1.ssl': true,
      'sinks.k1.truststore': sink.tls.file,
      'sinks.k1.truststore-password': sink.tls.password,
      'sinks.k1.truststore-type': sink.tls.type,
    }),
  };
}

function outFolder(sink: FlumeSink | undefined, directory: string): string {
  return (sink?.type === 'file_roll' && sink.directory) || path.join(directory, 'out');
}

// Flume writes every value as a string, numbers and names alike.
function numbers(component: Record<string, string> = {}): Record<string, number> {
  const entries = Object.entries(component).map(([name, value]) => [name, Number(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value)));
}
