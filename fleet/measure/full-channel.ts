// An agent whose sink has stopped: when it answers FAILED, and what others on the same source wait meanwhile.
import { type FlumeAgentOptions, startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { callOf, connectMany, ping } from './bare-client.ts';
import { median, rounded } from './statistics.ts';

const stopped: FlumeAgentOptions = {
  capacity: 1_000,
  transactionCapacity: 1_000,
  // Nobody listens there, so nothing leaves the channel.
  sink: { type: 'thrift', host: '127.0.0.1', port: 1 },
  heapMegabytes: 256,
};

/** Fills the channel; then the time of a refusal on its own. */
export async function refusalTime(keepAliveSeconds: number) {
  await using agent = await startFlumeAgent({ ...stopped, keepAliveSeconds });
  const [connection] = await connectMany(1, agent.port);
  if (connection === undefined) throw new Error('no connection');
  const accepted = await fill(connection);
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    const answer = await connection.call(callOf(100));
    if (answer !== 'failed') throw new Error(`a full channel answered ${answer}`);
    times.push(performance.now() - began);
  }
  const began = performance.now();
  await connection.call(ping);
  const pingMs = performance.now() - began;
  connection.close();
  return {
    keepAliveSeconds,
    capacity: 1_000,
    accepted,
    failedAfterMs: rounded(median(times)),
    pingMs: rounded(pingMs),
  };
}

/** Each of many clients tries one batch while the channel is full: a refusal holds one of the source's threads. */
export async function refusalsAtOnce(clients: number, threads: number, keepAliveSeconds: number) {
  await using agent = await startFlumeAgent({ ...stopped, threads, keepAliveSeconds });
  const connections = await connectMany(clients + 1, agent.port);
  const [first, ...others] = connections;
  if (first === undefined) throw new Error('no connection');
  await fill(first);
  const began = performance.now();
  const since = () => performance.now() - began;
  const refusals = others.map((one) => one.call(callOf(100)).then(since));
  // Behind all of them in the agent's queue.
  const pinged = first.call(ping).then(since);
  const times = await Promise.all(refusals);
  const pingMs = await pinged;
  for (const connection of connections) connection.close();
  return {
    clients,
    threads,
    keepAliveSeconds,
    failedAfterMs: {
      first: rounded(Math.min(...times)),
      p50: rounded(median(times)),
      last: rounded(Math.max(...times)),
    },
    pingBehindThemMs: rounded(pingMs),
  };
}

async function fill(connection: { call(frame: Uint8Array): Promise<string> }): Promise<number> {
  let accepted = 0;
  while ((await connection.call(callOf(100))) === 'ok') accepted += 100;
  return accepted;
}
