// npm run fleet:results: runs the simulations that docs/capacity.md tells of, and keeps what came of them. Words after it pick
// some: npm run fleet:results -- S3 S4. `real` is the scene of the real slice, with five seeds each.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { realRuns } from './real-runs.ts';
import { type KeptOutcome, keepOutcome, simulations } from './simulations.ts';

const root = path.join(import.meta.dirname, '../..');
const asked = process.argv.slice(2);
const isAsked = (id: string): boolean => asked.length === 0 || asked.includes(id);

for (const { id, flags } of simulations.filter(({ id }) => isAsked(id))) run(id, `${flags} --seed 1`);
if (isAsked('real')) {
  for (const [processor, { slice, medians }] of Object.entries(realRuns())) {
    const scene = `--clients ${slice.clients} --agents 3 --rate ${slice.eventsPerSecond} --scenario restart --seconds 30`;
    const flags = `${scene} --processor ${processor} --down-ms ${medians.downMs}`;
    for (let seed = 1; seed <= 5; seed += 1) run(`${processor}-${seed}`, `${flags} --seed ${seed}`);
  }
}

function run(id: string, flags: string): void {
  // As `npm run fleet` does.
  const node = ['--max-old-space-size=1300', '--import', 'tsx', 'fleet/run.ts', ...flags.split(' '), '--json'];
  const { status, stdout } = spawnSync(process.execPath, node, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${id}: npm run fleet -- ${flags} ended with ${status}`);
  const outcome = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as KeptOutcome['outcome'];
  keepOutcome(id, flags, outcome);
  process.stdout.write(`${id} ${JSON.stringify(outcome)}\n`);
}
