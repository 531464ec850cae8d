// docs/delivery.md says what survives which end of the process, by logger and by channel: every cell is run here.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { EmbeddedAgent } from 'flume-thrift-client';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { freePorts } from '../flume/ports.ts';
import { readPage } from './page.ts';

const program = path.join(import.meta.dirname, 'programs/ends.mjs');
const count = 250;

interface Ending {
  /** As the program knows it. */
  readonly ending: string;
  /** Silent: it takes connections and never answers, so that what is logged stays where it is. */
  readonly agent: 'up' | 'silent' | 'none';
}

const endings: readonly (readonly [RegExp, Ending])[] = [
  [/^ends by itself, no agent/, { ending: 'natural', agent: 'none' }],
  [/^ends by itself$/, { ending: 'natural', agent: 'up' }],
  [/^calls `process.exit/, { ending: 'exit', agent: 'up' }],
  [/^has an uncaught exception/, { ending: 'exception', agent: 'up' }],
  [/^gets SIGTERM, with `installShutdown/, { ending: 'shutdown', agent: 'up' }],
  [/^gets SIGKILL.* while an agent works/, { ending: 'SIGKILL', agent: 'silent' }],
  [/^gets SIGKILL, or SIGTERM .* no agent/, { ending: 'SIGTERM', agent: 'none' }],
];

const table = readPage('docs/delivery.md').tables.find(({ heading }) => heading === 'When the process ends');

describe('the table of docs/delivery.md', { concurrency: 6 }, () => {
  for (const [row = '', ...cells] of table?.rows ?? []) {
    const how = endings.find(([pattern]) => pattern.test(row))?.[1];
    for (const [index, told = ''] of cells.entries()) {
      const [loggers = '', channel = ''] = (table?.header[index + 1] ?? '').split(': ');
      for (const logger of loggers.split(', ')) {
        it(`${logger} with the ${channel} channel ${row}: ${told}`, async () => {
          assert.ok(how !== undefined, 'the test knows no such row');
          assert.equal(await outcome(logger, channel, how), told);
        });
      }
    }
  }
});

async function outcome(logger: string, channel: string, { ending, agent }: Ending): Promise<string> {
  await using source = await startDevAgent({ port: 0 });
  await using silent = await startDevAgent({ port: 0, script: [{ repeat: Infinity, step: 'stall' }] });
  const dir = mkdtempSync(path.join(tmpdir(), 'flume-docs-'));
  try {
    const [unused = 0] = await freePorts(1);
    const port = { up: source.port, silent: silent.port, none: unused }[agent];
    const options = {
      agents: `127.0.0.1:${port}`,
      channel: channel === 'memory' ? { type: channel } : { type: channel, dir },
      // Long where there is an agent, which answers at once: only to end a test that fails.
      closeTimeoutMs: agent === 'up' ? 9_000 : 300,
      flushTimeoutMs: agent === 'up' ? 9_000 : 1_000,
    };
    const child = spawn(process.execPath, [program, JSON.stringify([logger, ending, options, count])], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      stdio: 'ignore',
    });
    await once(child, 'close');
    if (source.received === count) return 'delivered';
    if (readdirSync(dir).length === 0) return 'lost';
    await using _next = new EmbeddedAgent({ agents: `127.0.0.1:${source.port}`, channel: { type: 'file', dir } });
    return (await allArrived(source)) ? 'on disk' : 'lost';
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Each record once at least: what was not acknowledged comes again. */
async function allArrived(source: DevAgent): Promise<boolean> {
  const bodies = (): Set<string> => new Set(source.events.map(({ body }) => String(body)));
  for (let more = count - bodies().size; more > 0; more = count - bodies().size) {
    try {
      await source.waitFor(source.received + more, { timeoutMs: 20_000 });
    } catch {
      return false;
    }
  }
  return true;
}
