// The agent with its page open, as `npx flume-dev-agent --ui` runs it: how much it takes, and that its count is the client's.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { it } from 'node:test';
import type { StatsView } from 'flume-dev-agent';
import { FlumeClient } from 'flume-thrift-client';
import { launch, openPage } from './browser.ts';

const command = path.join(import.meta.dirname, '../../packages/dev-agent/dist/cli.cjs');
const leastPerSecond = 50_000;
const batches = 4;
const batchSize = 500;
const roundMs = 1_000;

it(`takes ${leastPerSecond} events a second with the page open, and accepted is what the client has acknowledged`, async () => {
  const agent = spawn(process.execPath, [command, '--port', '0', '--ui', '0', '--output', 'none'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  agent.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes('the page is at')) await once(agent.stderr, 'data');
  const [, port, uiPort] = /:(\d+) \(compact\)[^]*http:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.map(Number) ?? [];
  const browser = await launch();
  const { page, complaints } = await openPage(browser, uiPort);
  const client = new FlumeClient({ host: '127.0.0.1', port: port ?? 0 });
  const headers = { timestamp: '1763815325123', host: 'web-1', level: 'info', app: 'checkout' };
  const events = Array(batchSize).fill({ headers, body: 'x'.repeat(200) });

  let acknowledged = 0;
  const round = async (): Promise<number> => {
    const before = acknowledged;
    const start = performance.now();
    const send = async (): Promise<void> => {
      while (performance.now() - start < roundMs) {
        await client.appendBatch(events);
        acknowledged += batchSize;
      }
    };
    await Promise.all(Array.from({ length: batches }, send));
    return ((acknowledged - before) / (performance.now() - start)) * 1000;
  };
  // A machine that does other things has better and worse seconds.
  const rounds: number[] = [];
  while (rounds.length < 10 && Math.max(0, ...rounds) < leastPerSecond) rounds.push(await round());
  assert.ok(Math.max(...rounds) >= leastPerSecond, rounds.map(Math.round).join(' '));

  const response = await fetch(`http://127.0.0.1:${uiPort}/api/stats`);
  assert.equal(((await response.json()) as StatsView).accepted, acknowledged);
  // The page comes after, and shows the same.
  await page.locator('#accepted', { hasText: acknowledged.toLocaleString('en') }).waitFor();
  assert.deepEqual(complaints, []);
  await browser.close();
  await client.close();
  agent.kill();
  await once(agent, 'exit');
});
