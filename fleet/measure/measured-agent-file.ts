// Brings what was measured into fleet/measured-agent.json, the one agent that the simulation is made of; what nobody has
// measured stays there as it is, with its assumption.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { agentResults, type Measured } from './results.ts';
import { median, rounded } from './statistics.ts';

const file = path.join(import.meta.dirname, '../measured-agent.json');

export function writeMeasuredAgent(): void {
  const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const results = agentResults();
  const { alone, restarts, costOfConnections, acceptQueue, fullChannel, sinks } = results;
  const [plain, tls] = costOfConnections.result;
  const rolled = sinks.result.find(({ through }) => through === 'memory channel, file_roll sink');
  const killed = restarts.result.filter(({ signal, channel }) => signal === 'SIGKILL' && channel === 'memory');
  const [refused] = fullChannel.result;
  const measured = {
    service: {
      about:
        'CPU of a core for a batch, from its arrival until the answer is written, with a memory channel that has room, the sink’s ' +
        'share included; linear in between.',
      source: `${source('alone', alone)}: one call at a time`,
      points: alone.result.map(({ batchSize, agentCpuMicrosPerCall }) => ({
        events: batchSize,
        ms: rounded(agentCpuMicrosPerCall / 1_000),
      })),
    },
    acceptMs: entry(plain?.agentCpuMsPerConnection, `${source('costOfConnections', costOfConnections)}: with one ping`),
    acceptQueue: entry(
      acceptQueue.result.connectionsTaken,
      `${source('acceptQueue', acceptQueue)}: an agent that stands still`,
    ),
    tlsHandshakeMs: entry(
      tls?.agentCpuMsPerConnection,
      `${source('costOfConnections', costOfConnections)}: CPU, with one ping`,
    ),
    keepAliveMs: entry(
      refused && rounded(refused.failedAfterMs, 1),
      `${source('fullChannel', fullChannel)}: Flume's default`,
    ),
    drainEventsPerSecond: entry(rolled?.eventsPerSecond, `${source('sinks', sinks)}: one file_roll sink`),
    restartMs: entry(
      median(killed.map(({ answersAgainMs }) => answersAgainMs)),
      `${source('restarts', restarts)}: from the kill until it answers, started again at once`,
    ),
  };
  writeFileSync(file, `${JSON.stringify({ ...known, ...measured }, undefined, 2)}\n`);
}

const source = (part: string, { measuredAt, load }: Measured<unknown>): string =>
  `npm run fleet:measure -- ${part}, ${measuredAt.slice(0, 10)}, load ${load}`;

function entry(value: number | undefined, source: string) {
  if (value === undefined) throw new Error(`nothing was measured for ${source}`);
  return { value, source };
}
