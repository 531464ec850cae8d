// A collection of garbage while a record waits: what our side can hold is held, and what the user has to hold is what the page
// on shutdown says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import { installApplication } from './application.ts';
import { nodes } from './tools.ts';

const application = await installApplication();
await application.copy('collected.mjs');

for (const { major, file: node } of nodes) {
  for (const [way, kept, arrives] of [
    ['worker', 'kept', true],
    ['in process', 'forgotten', true],
    // By pino's doing, of which the page warns. Where this arrives one day, the page may be shorter.
    ['worker', 'forgotten', false],
  ] as const) {
    test(`Node ${major}, ${way}, ${kept}: ${arrives ? 'arrives' : 'is lost'}`, async () => {
      await using agent = await startDevAgent({ port: 0, latencyMs: 200 });
      const args = ['--expose-gc', 'collected.mjs', String(agent.port), way, kept];
      const { stdout } = await application.node(args, { node });
      assert.deepEqual(stdout.trim().split('\n'), arrives ? ['acknowledged', kept] : [kept]);
      if (arrives) assert.equal(agent.received, 1);
    });
  }
}
