// An agent with a configuration as a page has it, and what its tests do with it: send events, wait for them where the sink writes.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type DeliveryOptions, EmbeddedAgent, type FlumeEvent } from 'flume-thrift-client';
import type { CodeBlock } from '../docs/page.ts';
import { type FlumeAgent, type FlumeAgentOptions, startFlumeAgent } from './flume-agent.ts';
import { type SinkLibrary, sinkClasspath } from './maven.ts';

/** What must be another on a test's machine: words of the page, and what stands there instead. */
export type Changes = Readonly<Record<string, string>>;

/** Starts an agent with a page's configuration, its folders below that of the agent. */
export function startDocAgent(
  { code }: CodeBlock,
  changes: Changes = {},
  ...libraries: SinkLibrary[]
): Promise<FlumeAgent> {
  const options: FlumeAgentOptions = {
    libraries: libraries.map(sinkClasspath),
    configuration(port, directory) {
      const folders = { '/var/lib/flume': `${directory}/channel`, '/var/log': directory };
      const all = { 'port = 4141': `port = ${port}`, '0.0.0.0': '127.0.0.1', ...folders, ...changes };
      mkdirSync(path.join(directory, 'flume'));
      mkdirSync(path.join(directory, 'flume-errors'));
      const text = Object.entries(all).reduce((conf, [from, to]) => conf.replaceAll(from, to), code);
      // By default a file channel refuses to work below 500 MB of free disk.
      return text.includes('.type = file\n') ? `${text}\na1.channels.c1.minimumRequiredSpace = 1048576\n` : text;
    },
  };
  return startFlumeAgent(options);
}

export async function send(
  agent: FlumeAgent,
  events: readonly FlumeEvent[],
  options: DeliveryOptions = {},
): Promise<void> {
  await using client = new EmbeddedAgent({ agents: `${agent.host}:${agent.port}`, ...options });
  for (const event of events) assert.ok(client.put(event));
  const { delivered, queued } = await client.flush({ timeoutMs: 30_000 });
  assert.deepEqual({ delivered, queued }, { delivered: events.length, queued: 0 });
}

export const written = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.crc'))
    .map(({ parentPath, name }) => readFileSync(path.join(parentPath, name), 'utf8'))
    .join('');

export const until = async (check: () => boolean, what: string): Promise<void> => {
  const deadline = Date.now() + 40_000;
  while (!check()) {
    assert.ok(Date.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

export const longBody = 'a body that is longer than sixteen bytes';
