// Many connections: how fast an agent takes them in, what it does while it cannot, and what more of them than threads get.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { createKeystore } from '../../test/flume/keystore.ts';
import { type BareConnection, callOf, connectBare, connectMany, ping } from './bare-client.ts';
import { cpuSeconds, residentBytes, threads } from './java-process.ts';
import { median, quantile, rounded } from './statistics.ts';
import { load, roomy } from './throughput.ts';

export interface ConnectedAtOnce {
  readonly connections: number;
  readonly connectedMs: { readonly p50: number; readonly last: number };
  readonly answeredMs: { readonly p50: number; readonly last: number };
  readonly threads: number;
}

/** All at once, each with a ping: until the kernel has connected them, and until the agent has answered each. */
export async function connectAtOnce(counts: readonly number[]): Promise<ConnectedAtOnce[]> {
  const results: ConnectedAtOnce[] = [];
  for (const count of counts) {
    await using agent = await startFlumeAgent(roomy);
    const began = performance.now();
    const connected: number[] = [];
    const answered: number[] = [];
    const connections = await Promise.all(
      Array.from({ length: count }, async () => {
        const connection = await connectBare(agent.port);
        connected.push(performance.now() - began);
        await connection.call(ping);
        answered.push(performance.now() - began);
        return connection;
      }),
    );
    results.push({
      connections: count,
      connectedMs: { p50: rounded(median(connected)), last: rounded(Math.max(...connected)) },
      answeredMs: { p50: rounded(median(answered)), last: rounded(Math.max(...answered)) },
      threads: threads(agent),
    });
    for (const connection of connections) connection.close();
  }
  return results;
}

/** An agent that stands still (SIGSTOP): so many connections the kernel takes for it, the others wait for their SYN's answer. */
export async function acceptQueue() {
  await using agent = await startFlumeAgent(roomy);
  const pid = agent.pid;
  if (pid === undefined) throw new Error('the agent does not run');
  process.kill(pid, 'SIGSTOP');
  const sockets = Array.from({ length: 200 }, () => net.connect(agent.port, '127.0.0.1'));
  let connected = 0;
  for (const socket of sockets) socket.on('error', () => {}).on('connect', () => (connected += 1));
  // Within it the kernel sends no SYN anew, and no agent on this machine needs that long.
  await delay(700);
  const whileStopped = connected;
  process.kill(pid, 'SIGCONT');
  const began = performance.now();
  await Promise.all(sockets.filter(({ connecting }) => connecting).map((socket) => once(socket, 'connect')));
  const allConnectedMs = rounded(performance.now() - began);
  for (const socket of sockets) socket.destroy();
  return { connectionsTaken: whileStopped, of: sockets.length, allConnectedAfterMs: allConnectedMs };
}

export interface Crowd {
  readonly threads: number;
  readonly connections: number;
  readonly eventsPerSecond: number;
  readonly answerMs: { readonly p50: number; readonly p99: number };
  readonly callsOfBusiestToMean: number;
  readonly callsOfIdlestToMean: number;
  readonly threadsOfProcess: number;
}

/** 200 plain connections, one call of 100 events at a time on each, and `threads`: what one call waits, and the most unequal. */
export async function moreClientsThanThreads(counts: readonly number[]): Promise<Crowd[]> {
  const results: Crowd[] = [];
  for (const count of counts) {
    await using agent = await startFlumeAgent({ ...roomy, threads: count });
    const connections = await connectMany(200, agent.port);
    const frame = callOf(100);
    await load(connections, frame, { inFlight: 1, seconds: 2 });
    const perConnection = await Promise.all(
      connections.map((one) => load([one], frame, { inFlight: 1, seconds: 4 }).then(({ answers }) => answers)),
    );
    const answers = perConnection.flat();
    const calls = perConnection.map(({ length }) => length);
    const mean = answers.length / calls.length;
    results.push({
      threads: count,
      connections: 200,
      eventsPerSecond: rounded((answers.length * 100) / 4),
      answerMs: { p50: rounded(median(answers)), p99: rounded(quantile(answers, 0.99)) },
      callsOfBusiestToMean: rounded(Math.max(...calls) / mean),
      callsOfIdlestToMean: rounded(Math.min(...calls) / mean),
      threadsOfProcess: threads(agent),
    });
    for (const connection of connections) connection.close();
  }
  return results;
}

/** TLS holds a thread for each connection: what becomes of those beyond `threads`, and what each costs. */
export async function tlsConnections() {
  const folder = mkdtempSync(path.join(tmpdir(), 'fleet-tls-'));
  try {
    const tls = createKeystore(folder);
    await using agent = await startFlumeAgent({ ...roomy, tls, threads: 10 });
    const open: BareConnection[] = [];
    let refused = 0;
    let refusedAfterMs = 0;
    for (let index = 0; index < 15; index += 1) {
      const began = performance.now();
      try {
        const connection = await connectBare(agent.port, tls.certificate);
        // In TLS 1.3 the handshake may be over here before the agent closes.
        await connection.call(ping);
        open.push(connection);
      } catch {
        refused += 1;
        refusedAfterMs = Math.max(refusedAfterMs, performance.now() - began);
      }
    }
    const result = { threads: 10, tried: 15, served: open.length, refused, refusedAfterMs: rounded(refusedAfterMs) };
    for (const connection of open) connection.close();
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the agent pays for a connection that comes with one ping: its CPU, and its process's memory. */
export async function costOfConnections(secure: boolean, connections = 500) {
  const folder = mkdtempSync(path.join(tmpdir(), 'fleet-tls-'));
  try {
    const tls = secure ? createKeystore(folder) : undefined;
    // With TLS each connection has a thread, as many as come where `threads` is not set.
    await using agent = await startFlumeAgent({ ...roomy, ...(tls && { tls }), threads: secure ? 0 : 10 });
    const open = async (count: number): Promise<BareConnection[]> => {
      const made: BareConnection[] = [];
      for (let index = 0; index < count; index += 1) {
        const connection = await connectBare(agent.port, tls?.certificate);
        await connection.call(ping);
        made.push(connection);
      }
      return made;
    };
    const warm = await open(connections);
    const before = { cpu: cpuSeconds(agent), rss: residentBytes(agent), threads: threads(agent) };
    const more = await open(connections);
    const cost = {
      secure,
      connections,
      agentCpuMsPerConnection: rounded(((cpuSeconds(agent) - before.cpu) * 1_000) / connections),
      residentKiBPerConnection: rounded((residentBytes(agent) - before.rss) / 1024 / connections),
      threadsPerConnection: rounded((threads(agent) - before.threads) / connections),
    };
    for (const connection of [...warm, ...more]) connection.close();
    return cost;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
