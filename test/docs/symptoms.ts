// Makes each symptom of docs/troubleshooting.md happen, and tells what the user is told then.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DeliveryOptions, EmbeddedAgent, FlumeClient, type FlumeClientOptions } from 'flume-thrift-client';
import { type DevAgentOptions, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { freePorts } from '../flume/ports.ts';
import { root } from './page.ts';

const certificate = (name: string): string =>
  readFileSync(path.join(root, `packages/dev-agent/test/localhost.${name}.pem`), 'utf8');

const tls = { cert: certificate('cert'), key: certificate('key') };

/** What the call of a client fails with. */
async function failure(options: FlumeClientOptions): Promise<string> {
  const client = new FlumeClient(options);
  try {
    await client.append({ body: 'an event' });
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.close();
  }
}

async function withAgent(agent: DevAgentOptions, options: FlumeClientOptions): Promise<string> {
  await using source = await startDevAgent({ port: 0, ...agent });
  return await failure({ host: '127.0.0.1', port: source.port, ...options });
}

/** The first warning of an agent that is given some events. */
async function warning(agent: DevAgentOptions, options: DeliveryOptions, count: number): Promise<string> {
  await using source = await startDevAgent({ port: 0, ...agent });
  const client = new EmbeddedAgent({ agents: `127.0.0.1:${source.port}`, closeTimeoutMs: 0, ...options });
  const warned = once(client, 'warning');
  for (let n = 0; n < count; n += 1) client.put({ body: `event ${n}` });
  void client.flush();
  const [error] = (await warned) as [Error];
  await client.close();
  return error.message;
}

/** What a program says on stderr, its first line. */
async function said(code: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await once(child, 'close');
  return text;
}

async function withServer(server: net.Server, options: FlumeClientOptions): Promise<string> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await failure({ host: '127.0.0.1', port: (server.address() as net.AddressInfo).port, ...options });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function thrown(make: () => unknown): string {
  try {
    make();
    return 'no error';
  } catch (error) {
    return (error as Error).message;
  }
}

const nobody = async (): Promise<number> => (await freePorts(1))[0] ?? 0;

export const symptoms: Readonly<Record<string, () => Promise<string> | string>> = {
  refused: async () => failure({ host: '127.0.0.1', port: await nobody() }),
  'unknown name': () => failure({ host: 'flume-1.invalid' }),
  'no answer': () => withAgent({ script: ['stall'] }, { timeoutMs: 100 }),
  'other protocol': () => withAgent({ protocol: 'binary' }, {}),
  'speaks no TLS': () => withAgent({}, { tls: true, connectTimeoutMs: 500 }),
  'silent handshake': () => withServer(net.createServer(), { tls: true, connectTimeoutMs: 200 }),
  'speaks HTTP': () => withServer(createHttpServer(), {}),
  'unknown authority': () => withAgent({ tls }, { host: 'localhost', tls: true }),
  'other name': () => withAgent({ tls }, { tls: { ca: tls.cert, servername: 'flume-1' } }),
  'channel full': () => warning({ capacity: 1, keepAliveMs: 10 }, { batchSize: 1 }, 3),
  'small transactions': () => warning({ transactionCapacity: 10 }, {}, 1_000),
  'events lost': () => warning({ script: [{ repeat: Infinity, step: 'stall' }] }, { channel: { capacity: 10 } }, 13),
  'misspelt option': () => thrown(() => new EmbeddedAgent({ agent: 'flume-1:4141' } as DeliveryOptions)),
  'wrong value': () => thrown(() => new EmbeddedAgent({ channel: { capacity: 0 } })),
  'events left': async () =>
    said(`import { EmbeddedAgent } from 'flume-thrift-client';
      process.on('warning', () => {});
      const agent = new EmbeddedAgent({ agents: '127.0.0.1:${await nobody()}', closeTimeoutMs: 200 });
      agent.on('warning', () => {});
      for (let n = 0; n < 12; n += 1) agent.put({ body: 'x' });`),
  'plain TCP': () =>
    said(`import { FlumeClient } from 'flume-thrift-client';
      await new FlumeClient({ host: 'flume-1.invalid' }).connect().catch(() => {});`),
  'shared folder': async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'flume-docs-'));
    const own = `flume-${process.geteuid?.()}`;
    mkdirSync(path.join(dir, own));
    for (const open of [dir, path.join(dir, own)]) chmodSync(open, 0o777);
    try {
      const told = await said(`import { EmbeddedAgent } from 'flume-thrift-client';
        new EmbeddedAgent({ channel: { type: 'file', dir: '${dir}' } });`);
      return told.replaceAll(dir, '/var/spool/checkout').replaceAll(own, 'flume-1000');
    } finally {
      rmSync(dir, { recursive: true });
    }
  },
  'pino target': () => said(`import pino from 'pino'; pino({ transport: { target: 'pino-flume-not-there' } });`),
  'pino function': () =>
    said(`import pino from 'pino'; pino({ transport: { target: 'pino-flume', options: { map: (record) => ({}) } } });`),
  'pino ceiling': () =>
    said(
      `import pino from 'pino'; pino({ transport: { target: 'pino-flume', options: { closeTimeoutMs: 30_000 } } });`,
    ),
  'pino flush': async () => {
    await using source = await startDevAgent({ port: 0 });
    return await said(`import pino from 'pino';
      const target = { target: 'pino-flume', options: { agents: '127.0.0.1:${source.port}' } };
      const other = { target: 'pino/file', options: { destination: '/dev/null' } };
      const logger = pino({ transport: { targets: [target, other] } });
      logger.info('an event');
      // Until the worker has said what it has to say.
      const timer = setInterval(() => {}, 1_000);
      process.on('warning', () => clearInterval(timer));`);
  },
};
