// How long an agent is away: from the signal until its source answers again.
import { setTimeout as delay } from 'node:timers/promises';
import { type FlumeAgent, startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { callOf, connectBare, connectMany, ping } from './bare-client.ts';
import { rounded } from './statistics.ts';
import { roomy } from './throughput.ts';

/** Under a little load, so that the file channel has something to read at its start. */
export async function restartTime(signal: 'SIGTERM' | 'SIGKILL', channel: 'memory' | 'file') {
  await using agent = await startFlumeAgent({ ...roomy, channel });
  const connections = await connectMany(10, agent.port);
  for (let round = 0; round < 20; round += 1) await Promise.all(connections.map((one) => one.call(callOf(100))));
  const began = performance.now();
  const since = () => rounded(performance.now() - began);
  const closed = connections[0]?.closed.then(since);
  const killed = agent.kill(signal).then(since);
  const goneMs = await killed;
  const up = agent.restart();
  const answersMs = await answers(agent).then(since);
  await up;
  return { signal, channel, connectionsClosedMs: await closed, goneMs, answersAgainMs: answersMs };
}

async function answers(agent: FlumeAgent): Promise<void> {
  for (;;) {
    try {
      const connection = await connectBare(agent.port);
      await connection.call(ping);
      connection.close();
      return;
    } catch {
      await delay(10);
    }
  }
}
