// Starts Java's Thrift servers, all that a test wants in one JVM, and asks them what they received.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Keystore } from '../flume/keystore.ts';
import { javaTool } from '../flume/maven.ts';
import type { ReceivedCall } from './exchange.ts';
import { installLibthrift, type LibthriftVersion } from './libthrift.ts';

export interface ThriftServers {
  readonly host: '127.0.0.1';
  port(server: string): number;
  /** The calls that a server received since the last time. */
  take(server: string): Promise<ReceivedCall[]>;
  /** What the servers wrote to stderr. */
  log(): string;
  stop(): Promise<void>;
}

/** @param servers each as `class/protocol/transport/encryption` */
export async function startThriftServers(
  version: LibthriftVersion,
  servers: readonly string[],
  keystore: Keystore,
): Promise<ThriftServers> {
  const jvm = ['-Xmx256m', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', await installLibthrift(version)];
  // The JVM ends when its stdin does, also where this process is killed.
  const child = spawn(javaTool('java'), [...jvm, 'ThriftServers', keystore.file, keystore.password, ...servers]);
  const exit = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`the Thrift servers ended; their log:\n${log.slice(-4_000)}`);
    return JSON.parse(value);
  };
  const ports = (await answer()) as Record<string, number>;
  return {
    host: '127.0.0.1',
    port: (server) => ports[server] as number,
    async take(server) {
      child.stdin.write(`${server}\n`);
      return (await answer()) as ReceivedCall[];
    },
    log: () => log,
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exit;
      clearTimeout(timer);
    },
  };
}
