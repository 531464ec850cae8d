// What it costs to load a transport, beside its peers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Comparison, Numbers } from '../harness/comparison.ts';

// Where the peers are; ours are found from there too.
const folder = path.join(import.meta.dirname, '..');

const imported = ['flume-thrift-client', 'winston-flume', 'pino-flume', 'winston-loki', 'pino-loki', 'pino-socket'];
const required = ['flume-thrift-client', 'winston-flume', 'pino-flume'];

const loading: Comparison = {
  id: 'loading',
  title: 'Loading a package',
  about:
    'A process that imports or requires one package and ends, right after one that loads nothing: the time from start to end, ' +
    'and how much of it is the package’s.',
  columns: [
    { id: 'aboveMs', title: 'above bare node (ms)', digits: 1 },
    { id: 'startMs', title: 'start to end (ms)', digits: 1 },
  ],
  rounds: 15,
  open: async () => ({
    subjects: [
      ...imported.map((name) => ({
        name: `import ${name}`,
        run: () => load(['--input-type=module', '--eval'], `import '${name}'`),
      })),
      ...required.map((name) => ({ name: `require ${name}`, run: () => load(['--eval'], `require('${name}')`) })),
    ],
    close: async () => {},
  }),
};

async function load(flags: readonly string[], code: string): Promise<Numbers> {
  const bareMs = await timed([...flags, '0']);
  const startMs = await timed([...flags, code]);
  return { startMs, aboveMs: startMs - bareMs };
}

async function timed(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(' ')}: ended with ${code}`);
  return performance.now() - began;
}

export const loadingComparisons: readonly Comparison[] = [loading];
