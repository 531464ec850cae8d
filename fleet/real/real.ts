// npm run fleet:real: runs of the real slice, their medians into fleet/results/real-PROCESSOR.json.
// npm run fleet:real -- --clients 20 --runs 1 --processor failover: a small one, which is printed and not kept.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installFlume } from '../../test/flume/maven.ts';
import { median } from '../measure/statistics.ts';
import type { Findings } from './findings.ts';
import { runSlice, type Slice } from './slice.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    runs: { type: 'string', default: '5' },
    rate: { type: 'string', default: '10' },
    processor: { type: 'string', default: 'load_balance' },
    keep: { type: 'boolean', default: false },
  },
});

const slice: Slice = {
  clients: Number(values.clients),
  processor: values.processor === 'failover' ? 'failover' : 'load_balance',
  eventsPerSecond: Number(values.rate),
  steadySeconds: 8,
  afterSeconds: 20,
};

await installFlume('1.11.0');
const runs: (Findings & { load: number })[] = [];
for (let run = 0; run < Number(values.runs); run += 1) {
  const load = Math.round(10 * (loadavg()[0] ?? 0)) / 10;
  const found = { ...(await runSlice(slice)), load };
  runs.push(found);
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
const numbers = Object.entries(runs[0] ?? {}).filter(([, value]) => typeof value === 'number');
const medians = Object.fromEntries(
  numbers.map(([name]) => [name, median(runs.map((run) => run[name as keyof Findings] as number))]),
);
process.stdout.write(`medians: ${JSON.stringify(medians)}\n`);
if (values.keep) {
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, node: process.versions.node, flume: '1.11.0' };
  const file = path.join(import.meta.dirname, `../results/real-${slice.processor}.json`);
  const all = { measuredAt: new Date().toISOString(), machine, slice, medians, runs };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
}
