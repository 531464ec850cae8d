// Flume's own Java client (RpcClientFactory.getThriftInstance) as a peer for tests and as the baseline of benchmarks.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { builtFolder } from './built-folder.ts';
import type { Keystore } from './keystore.ts';
import { type FlumeVersion, flumeClasspath, javaTool } from './maven.ts';

export interface JavaSendOptions {
  /** Default: '1.11.0'. */
  readonly version?: FlumeVersion;
  readonly host: string;
  readonly port: number;
  readonly count: number;
  /** Default: 100. A batch of one event, so also a last one that is left over, is sent by append. */
  readonly batchSize?: number;
  /** Bodies are filled up to this; default 0. */
  readonly bodyBytes?: number;
  /** Default: 'compact'. */
  readonly protocol?: 'compact' | 'binary';
  /** The keystore of the other side; its certificate is what the client trusts. */
  readonly tls?: Keystore;
  /** More properties of Flume's client: `{ 'request-timeout': 1000 }`. */
  readonly properties?: Readonly<Record<string, string | number>>;
  /** Class paths beside Flume's own. */
  readonly libraries?: readonly string[];
  readonly jvmOptions?: readonly string[];
  /** Ends the client. */
  readonly signal?: AbortSignal;
}

export interface JavaSendReport {
  readonly sent: number;
  /** Of the sending alone: from the first event made to the last answer. */
  readonly elapsedMs: number;
}

/**
 * Sends events numbered from 0: headers `n`, `client` = `java` and `unicode` = `é € 😀`; body `event <n>`, filled up
 * with dots. Resolves when the last batch was answered OK; rejects with what the client printed when one was not.
 */
export async function sendFromJava(options: JavaSendOptions): Promise<JavaSendReport> {
  const { version = '1.11.0', host, port, count, batchSize = 100, bodyBytes = 0, protocol, tls, signal } = options;
  const properties: Record<string, string | number | boolean> = {
    hosts: 'h1',
    'hosts.h1': `${host}:${port}`,
    // The client cuts a longer list into pieces of this size.
    'batch-size': batchSize,
    ...(protocol && { protocol }),
    ...(tls && { ssl: true, truststore: tls.file, 'truststore-password': tls.password, 'truststore-type': tls.type }),
    ...options.properties,
  };
  const classes = await builtFolder(`java-client-${version}`, [source], (folder) =>
    run(javaTool('javac'), ['-nowarn', '-d', folder, '-cp', flumeClasspath(version), source]),
  );
  const { libraries = [], jvmOptions = [] } = options;
  const classpath = [classes, path.join(import.meta.dirname, 'logging'), flumeClasspath(version), ...libraries];
  const jvm = ['-Xmx512m', ...jvmOptions, '-cp', classpath.join(path.delimiter), 'SendEvents'];
  const sending = [count, batchSize, bodyBytes].map(String);
  const settings = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  const { stdout } = await run(javaTool('java'), [...jvm, ...sending, ...settings], {
    signal,
    maxBuffer: 64 * 1024 * 1024,
  });
  // The client's log goes to stdout as well; the report is the line of JSON.
  const report = /^\{.*\}$/m.exec(stdout)?.[0];
  if (report === undefined) throw new Error(`the Java client reported nothing; it printed:\n${stdout}`);
  return JSON.parse(report) as JavaSendReport;
}

const source = path.join(import.meta.dirname, 'java/SendEvents.java');
const run = promisify(execFile);
