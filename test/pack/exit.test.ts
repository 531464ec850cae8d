// A process that ends at once delivers what memory has, in every version of Node, and in the other runtimes as far as they
// tell a program of its end.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { run } from './command.ts';
import { nodes, runtimes } from './tools.ts';

const root = path.join(import.meta.dirname, '../..');
const program = 'test/delivery/programs/end.mjs';
const count = 1_000;

const ends = ['exit', 'exit later', 'exception', 'rejection', 'exit listener behind'];
/** Deno ends without an 'exit' event then. */
const untold: Readonly<Record<string, readonly string[]>> = { Deno: ['exception', 'rejection'] };
const programs = [...nodes.map(({ major, file }) => ({ name: `Node ${major}`, file, args: [] })), ...runtimes];

describe('a process that ends at once', () => {
  for (const { name, file, args } of programs) {
    for (const end of ends) {
      const arrives = untold[name]?.includes(end) !== true;
      it(`${name}, ${end}: ${arrives ? 'everything arrives' : 'nobody is told'}`, async () => {
        await using source = await startDevAgent({ port: 0, keepEvents: Infinity });
        const options = { agents: `127.0.0.1:${source.port}` };
        const settings = JSON.stringify({ way: 'agent', end, count, options });
        // It ends with another status than 0, as it must.
        await run(file, [...args, program, settings], { cwd: root }).catch(() => {});
        assert.equal(new Set(source.events.map(({ body }) => String(body))).size, arrives ? count : 0);
      });
    }
  }
});
