// npm run bench, npm run bench:flume: measures, shows a table, keeps the results, and writes docs/performance.md.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { compare, type Outcome } from './harness/comparison.ts';
import { acceptDecay } from './harness/decay.ts';
import { fitGrowth } from './harness/growth.ts';
import { thisMachine } from './harness/machine.ts';
import { writePage } from './harness/page.ts';
import { saveRun } from './harness/results.ts';
import { inTerminal, outcomeTable, verdictTable } from './harness/table.ts';
import { verdicts } from './harness/targets.ts';
import { flumeComparisons } from './suites/flume.ts';
import { loadingComparisons } from './suites/loading.ts';
import { loggerComparisons } from './suites/loggers.ts';
import { nodeComparisons } from './suites/node.ts';
import { spoolComparisons } from './suites/spool.ts';

const usage = `usage: bench (node | flume | page | decay) [--rounds <n>] [--only <id>]...

  node, flume     measures, 5 rounds of everything unless told otherwise
  page            writes docs/performance.md again from the last official runs
  decay           makes what 1,000 events cost now the baseline of bench/decay.test.ts

A run of everything with 5 rounds or more is official: bench/results and docs/performance.md become its own.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  },
});
// Without a word: what `npm run bench` means.
const [kind = 'node'] = positionals;
const rounds = Number(values.rounds);

if (values.help === true || !(rounds >= 1)) {
  say(usage);
} else if (kind === 'node' || kind === 'flume') {
  await measure(kind);
} else if (kind === 'page') {
  installPeers();
  writePage();
} else if (kind === 'decay') {
  say(`written: bench/decay.json ${JSON.stringify(await acceptDecay())}`);
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}

async function measure(wanted: 'node' | 'flume'): Promise<void> {
  installPeers();
  const inNode = [...nodeComparisons, ...spoolComparisons, ...loggerComparisons, ...loadingComparisons];
  const all = wanted === 'node' ? inNode : flumeComparisons;
  const comparisons = all.filter(({ id }) => values.only === undefined || values.only.includes(id));
  if (comparisons.length === 0) throw new Error(`--only: expected ${all.map(({ id }) => id).join(', ')}`);
  const machine = thisMachine(wanted === 'flume');
  const startedAt = new Date().toISOString();
  const began = performance.now();
  if (machine.load > machine.cores)
    say(`The machine is busy already (load ${machine.load}): trust ratios, if anything.`);

  const outcomes: Outcome[] = [];
  for (const comparison of comparisons) {
    const outcome = await compare(comparison, rounds, say);
    outcomes.push(outcome);
    say(`\n${inTerminal(outcomeTable(outcome))}\n`);
  }

  const judged = verdicts(outcomes);
  if (judged.length > 0) say(`Targets\n\n${inTerminal(verdictTable(judged))}\n`);
  const fit = fitGrowth(outcomes);
  if (fit !== undefined)
    say(`Growth: no run of 100,000 events or more is off by more than ${(100 * fit.worst).toFixed(0)} %`);

  const official = values.only === undefined && rounds >= 5;
  const minutes = Math.round((performance.now() - began) / 60_000);
  say(`written: ${saveRun({ kind: wanted, startedAt, minutes, machine, outcomes }, official)}`);
  if (!official) return;
  writePage();
  say('written: docs/performance.md');
}

/** The peers are no dependencies of the repository: they are fetched when somebody measures. */
function installPeers(): void {
  const folder = import.meta.dirname;
  if (existsSync(path.join(folder, 'node_modules/.package-lock.json'))) return;
  say('Fetching the peers, the first time only');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm could not fetch the peers (bench/package-lock.json)');
}
