// The two tiers of docs/capacity.md, as the page has them: what goes into an agent of the first tier comes out of the collectors.
import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { type CodeBlock, readPage } from '../docs/page.ts';
import { send, startDocAgent, until, written } from './doc-agent.ts';

const blocks = readPage('docs/capacity.md').blocks.filter(({ language }) => language === 'properties');

const below = (heading: string): CodeBlock => blocks.find((block) => block.heading === heading) ?? assert.fail(heading);

it('docs/capacity.md: two tiers of agents', async () => {
  assert.equal(blocks.length, 2, 'a configuration that no test starts');
  // A heap of tests has no room for the channel that the page has, and needs none.
  const capacity = { 'capacity = 200000': 'capacity = 20000', 'capacity = 1000000': 'capacity = 20000' };
  await using first = await startDocAgent(below('The collectors'), capacity);
  await using second = await startDocAgent(below('The collectors'), capacity);
  await using agent = await startDocAgent(below('The first tier'), {
    ...capacity,
    '= collector-1\n': '= 127.0.0.1\n',
    '= collector-2\n': '= 127.0.0.1\n',
    'k1.port = 4242': `k1.port = ${first.port}`,
    'k2.port = 4242': `k2.port = ${second.port}`,
  });
  const events = Array.from({ length: 5_000 }, (_, id) => ({ body: `event ${id}` }));
  await send(agent, events);
  const lines = (): Set<string> =>
    new Set(
      [first, second].flatMap(({ directory }) => written(path.join(directory, 'flume')).split('\n').slice(0, -1)),
    );
  await until(() => lines().size === events.length, 'not all events came out');
});
