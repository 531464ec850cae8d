// npm run bench, npm run bench:flume: measures, shows a table, keeps the results, and writes docs/performance.md.
import { parseArgs } from 'node:util';
import { compare, type Outcome, type Patience } from './harness/comparison.ts';
import { acceptDecay } from './harness/decay.ts';
import { fitGrowth } from './harness/growth.ts';
import { isQuiet, watchLoad } from './harness/load.ts';
import { thisMachine } from './harness/machine.ts';
import { noReason, reasons } from './harness/misses.ts';
import { docsFolder, writePage } from './harness/page.ts';
import { installPeers } from './harness/peers.ts';
import { lastRuns, officialFolder, type Run, type RunKind, remember, saveRun } from './harness/results.ts';
import { inTerminal, outcomeTable, verdictTable } from './harness/table.ts';
import { verdicts } from './harness/verdicts.ts';
import { applicationComparisons } from './suites/application.ts';
import { flumeComparisons } from './suites/flume.ts';
import { loadingComparisons } from './suites/loading.ts';
import { loggerComparisons } from './suites/loggers.ts';
import { nodeComparisons } from './suites/node.ts';
import { spoolComparisons } from './suites/spool.ts';

const usage = `usage: bench (node | flume | all | page | decay) [--rounds <n>] [--only <id>]...

  node, flume     measures, 5 rounds of everything unless told otherwise
  all             both, one after the other
  page            writes docs/performance.md again from the last official runs, or from the --results of a folder --to another
  decay           makes what 1,000 events cost now the baseline of bench/decay.test.ts

A run of everything with 5 rounds or more is official: bench/results and docs/performance.md become its own. It is refused
while others use the machine, after three looks: then the last official figures stand.
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    results: { type: 'string', default: officialFolder },
    to: { type: 'string', default: docsFolder },
    help: { type: 'boolean', short: 'h' },
  },
});
// Without a word: what `npm run bench` means.
const [kind = 'node'] = positionals;
const rounds = Number(values.rounds);
const patienceMs = 120_000;
const suites = {
  node: [
    ...nodeComparisons,
    ...applicationComparisons,
    ...loggerComparisons,
    ...spoolComparisons,
    ...loadingComparisons,
  ],
  flume: flumeComparisons,
};

if (values.help === true || !(rounds >= 1)) {
  say(usage);
} else if (kind === 'node' || kind === 'flume') {
  await measure([kind]);
} else if (kind === 'all') {
  await measure(['node', 'flume']);
} else if (kind === 'page') {
  writePage(values.results, values.to);
} else if (kind === 'decay') {
  say(`written: bench/decay.json ${JSON.stringify(await acceptDecay())}`);
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}

async function measure(kinds: readonly RunKind[]): Promise<void> {
  installPeers();
  const known = kinds.flatMap((one) => suites[one]).map(({ id }) => id);
  const unknown = values.only?.filter((id) => !known.includes(id)) ?? [];
  if (unknown.length > 0) throw new Error(`--only ${unknown.join(', ')}: expected ${known.join(', ')}`);
  const official = values.only === undefined && rounds >= 5;
  if (official && !(await isQuiet(say))) {
    const dates = new Set(lastRuns(officialFolder).map(({ startedAt }) => startedAt.slice(0, 10)));
    say(`Refused: the machine is busy. The last official figures stand: ${[...dates].join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  const patience = { leftMs: official ? patienceMs : 0 };
  const runs: Run[] = [];
  for (const one of kinds) {
    const run = await measured(one, patience);
    if (run.outcomes.length === 0) continue;
    runs.push(run);
    say(`written: ${saveRun(run, official)}`);
  }
  remember(runs, official);
  judge(runs.flatMap(({ outcomes }) => outcomes));
  if (!official) return;
  writePage(officialFolder, docsFolder);
  say('written: docs/performance.md, bench/results/history.jsonl');
}

async function measured(wanted: RunKind, patience: Patience): Promise<Run> {
  const machine = thisMachine(wanted === 'flume');
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const minutes = (): number => Math.round((performance.now() - began) / 6_000) / 10;
  const load = watchLoad();
  const comparisons = suites[wanted].filter(({ id }) => values.only === undefined || values.only.includes(id));
  const outcomes: Outcome[] = [];
  for (const [index, comparison] of comparisons.entries()) {
    say(`\n${wanted} ${index + 1} of ${comparisons.length}, after ${minutes()} minutes`);
    try {
      const outcome = await compare(comparison, { rounds, patience, say });
      outcomes.push(outcome);
      say(`\n${inTerminal(outcomeTable(outcome))}\n`);
    } catch (error) {
      // What a run of many minutes has found is not thrown away for one that fails; the page says what was not measured.
      say(`FAILED, left out: ${comparison.title}: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
  const { othersPart, stolenPart } = load() ?? {};
  const loadPart = othersPart === undefined ? null : othersPart + (stolenPart ?? 0);
  return { kind: wanted, startedAt, minutes: minutes(), machine, loadPart, outcomes };
}

function judge(outcomes: readonly Outcome[]): void {
  const judged = verdicts(outcomes);
  if (judged.length > 0) say(`Targets\n\n${inTerminal(verdictTable(judged))}\n`);
  const fit = fitGrowth(outcomes);
  if (fit !== undefined)
    say(`Growth: no run of 100,000 events or more is off by more than ${(100 * fit.worst).toFixed(0)} %`);
  const unexplained = judged.filter(({ id, met }) => !met && reasons[id] === undefined);
  if (unexplained.length > 0) {
    say(`Missed, and the page says "${noReason}": write it into bench/harness/misses.ts, then: npm run bench -- page`);
    for (const { id, what, against } of unexplained) say(`  '${id}': ${what}, ${against}`);
  }
}
