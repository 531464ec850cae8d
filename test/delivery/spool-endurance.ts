// The long runs of the file channel: writers killed a thousand times, a hundred thousand damaged spools, and an hour without
// an agent.
//
//   node --import tsx test/delivery/spool-endurance.ts kill [cycles]
//   node --import tsx test/delivery/spool-endurance.ts damage [spools] [first seed]
//   node --import tsx test/delivery/spool-endurance.ts outage [events]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { damageCase } from '../../packages/core/test/channel/damaged-spool.ts';
import { killCycles } from './kill-cycles.ts';
import { outage } from './spool-outage.ts';

const [what, count, first] = process.argv.slice(2);

if (what === 'kill') {
  const cycles = Number(count ?? 1_000);
  const total = { cycles: 0, accepted: 0, arrived: 0, duplicates: 0 };
  // In rounds, since every event that arrives is kept to be compared.
  for (let round = 0; total.cycles < cycles; round++) {
    const protocol = round % 2 === 0 ? 'compact' : 'binary';
    const outcome = await killCycles({ cycles: 50, writers: round % 4 < 2 ? 1 : 8, protocol });
    total.cycles += 50;
    total.accepted += outcome.accepted;
    total.arrived += outcome.arrived;
    total.duplicates += outcome.duplicates;
    console.log(JSON.stringify(total));
  }
} else if (what === 'damage') {
  const spools = Number(count ?? 100_000);
  const from = Number(first ?? 0);
  const total = { spools: 0, written: 0, intact: 0, delivered: 0 };
  for (let seed = from; seed < from + spools; seed++) {
    const dir = mkdtempSync(path.join(tmpdir(), 'flume-damaged-'));
    const { written, intact, delivered } = await damageCase(dir, seed);
    rmSync(dir, { recursive: true });
    total.spools += 1;
    total.written += written;
    total.intact += intact;
    total.delivered += delivered;
    if (total.spools % 10_000 === 0) console.log(JSON.stringify(total));
  }
} else if (what === 'outage') {
  console.log(JSON.stringify(await outage(Number(count ?? 18_000_000))));
} else {
  console.error('spool-endurance: kill [cycles], damage [spools] [first seed], or outage [events]');
  process.exit(1);
}
