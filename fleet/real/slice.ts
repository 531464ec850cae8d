// One run of the real slice: so many processes, three real agents, of which the first is killed and started again.
import { setTimeout as delay } from 'node:timers/promises';
import { type FlumeAgent, startFlumeAgent } from '../../test/flume/flume-agent.ts';
import { ClientProcess } from './client-process.ts';
import { type Findings, findings } from './findings.ts';

export interface Slice {
  readonly clients: number;
  readonly processor: 'failover' | 'load_balance';
  readonly eventsPerSecond: number;
  /** Before the kill, so that all is warm. */
  readonly steadySeconds: number;
  /** After the agent answers again: until its load is what it was. */
  readonly afterSeconds: number;
}

const agents = 3;

export async function runSlice(slice: Slice): Promise<Findings> {
  const running: FlumeAgent[] = [];
  const clients: ClientProcess[] = [];
  try {
    for (let index = 0; index < agents; index += 1) running.push(await startAgent());
    const options = { agents: running.map(({ port }) => `127.0.0.1:${port}`), processor: slice.processor };
    const starting = Array.from({ length: slice.clients }, (_, index) => index);
    // A few at a time: two hundred at once would be a test of the machine.
    const lane = async (): Promise<void> => {
      for (let index = starting.shift(); index !== undefined; index = starting.shift()) {
        clients.push(await ClientProcess.start(index, slice.eventsPerSecond, options));
      }
    };
    await Promise.all(Array.from({ length: 4 }, lane));
    await delay(slice.steadySeconds * 1_000);

    const [killed] = running;
    if (killed === undefined) throw new Error('no agent');
    const killedAt = now();
    await killed.kill();
    await killed.restart();
    const backAt = now();
    await delay(slice.afterSeconds * 1_000);

    const stoppedAt = now();
    const notes = await Promise.all(clients.map((client) => client.end()));
    const lines: string[] = [];
    for (const agent of running) {
      await agent.metricsWhen(({ channel }) => channel.ChannelSize === 0, 60_000);
      lines.push(...agent.delivered().toString('utf8').split('\n'));
    }
    const killedName = `127.0.0.1:${killed.port}`;
    return findings({ ...slice, notes, lines, killedAt, backAt, stoppedAt, killedName, agents: options.agents });
  } finally {
    for (const client of clients) client.kill();
    await Promise.all(running.map((agent) => agent.stop()));
  }
}

/** A file channel, so that an agent that is killed keeps what it has acknowledged: what is missing at the end, a client lost. */
function startAgent(): Promise<FlumeAgent> {
  return startFlumeAgent({
    channel: 'file',
    capacity: 100_000,
    transactionCapacity: 1_000,
    heapMegabytes: 256,
    sink: { type: 'file_roll', batchSize: 1_000 },
  });
}

const now = (): number => performance.timeOrigin + performance.now();
