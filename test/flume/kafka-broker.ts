// A Kafka broker for Flume's Kafka sink: one node, its own controller, in a folder of its own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { javaTool, sinkClasspath } from './maven.ts';
import { accepts, freePorts } from './ports.ts';

const host = '127.0.0.1';
const run = promisify(execFile);

export class KafkaBroker implements AsyncDisposable {
  readonly address: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(address: string, folder: string, child: ChildProcess) {
    this.address = address;
    this.#folder = folder;
    this.#process = child;
  }

  /** Resolves when it serves. */
  static async start(): Promise<KafkaBroker> {
    const [port = 0, controllerPort = 0] = await freePorts(2);
    const folder = mkdtempSync(path.join(tmpdir(), 'kafka-broker-'));
    const settings = path.join(folder, 'server.properties');
    writeFileSync(settings, configuration(`${host}:${port}`, `${host}:${controllerPort}`, path.join(folder, 'log')));
    await run(javaTool('java'), kafka('kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings));
    const logFile = path.join(folder, 'broker.log');
    const log = openSync(logFile, 'w');
    const child = spawn(javaTool('java'), kafka('kafka.Kafka', settings), {
      cwd: folder,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const broker = new KafkaBroker(`${host}:${port}`, folder, child);
    const deadline = Date.now() + 60_000;
    while (!(await accepts(port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        const text = readFileSync(logFile, 'utf8').slice(-3000);
        await broker[Symbol.asyncDispose]();
        throw new Error(`the Kafka broker does not serve; its log ends:\n${text}`);
      }
      await delay(200);
    }
    return broker;
  }

  /** Waits for records of a topic, each as `headers<tab>key<tab>value`, in order. */
  async records(topic: string, count: number): Promise<string[]> {
    const printed = ['print.headers=true', 'print.key=true'].flatMap((property) => ['--property', property]);
    const read = ['--topic', topic, '--from-beginning', '--max-messages', String(count), '--timeout-ms', '30000'];
    const consumer = kafka('kafka.tools.ConsoleConsumer', '--bootstrap-server', this.address, ...read, ...printed);
    const { stdout } = await run(javaTool('java'), consumer);
    return stdout.trimEnd().split('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await exit;
    }
    rmSync(this.#folder, { recursive: true });
  }
}

// Any UUID in Kafka's base 64.
const clusterId = 'AAAAAAAAAAAAAAAAAAAAAQ';

const kafka = (program: string, ...args: string[]): string[] => [
  '-Xmx256m',
  '-XX:TieredStopAtLevel=1',
  '-cp',
  sinkClasspath('kafka-broker'),
  program,
  ...args,
];

const configuration = (address: string, controller: string, folder: string): string => `
process.roles = broker,controller
node.id = 1
controller.quorum.voters = 1@${controller}
listeners = PLAINTEXT://${address},CONTROLLER://${controller}
advertised.listeners = PLAINTEXT://${address}
controller.listener.names = CONTROLLER
listener.security.protocol.map = PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs = ${folder}
num.partitions = 1
offsets.topic.replication.factor = 1
group.initial.rebalance.delay.ms = 0
`;
