// The simulated fleets that docs/capacity.md tells of: what each is run with, and what came of it, as it is kept.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Outcome } from '../outcome.ts';

export interface Simulation {
  readonly id: string;
  readonly about: string;
  /** Of `npm run fleet --`. */
  readonly flags: string;
}

export interface KeptOutcome {
  readonly ranAt: string;
  readonly flags: string;
  readonly outcome: Omit<Outcome, 'connectsEachSecond'> & {
    /** Those that were kept before it was counted lack it. */
    readonly connectsEachSecond?: readonly number[];
    readonly wallMs: number;
    readonly peakMiB: number;
    readonly memoryPerClientKiB: number;
  };
}

const fleet = '--clients 2000 --agents 8';

export const simulations: readonly Simulation[] = [
  { id: 'S1', about: '10,000 quiet processes', flags: '--clients 10000 --agents 8 --scenario steady --seconds 120' },
  { id: 'S2', about: '1,000 loud ones', flags: '--clients 1000 --agents 8 --scenario steady --rate 100 --seconds 60' },
  { id: 'S3', about: 'load_balance', flags: `${fleet} --scenario restart --processor load_balance` },
  {
    id: 'S4',
    about: 'load_balance by hash',
    flags: `${fleet} --scenario restart --processor load_balance --selector hash`,
  },
  { id: 'S5', about: 'failover', flags: `${fleet} --scenario restart --processor failover` },
  { id: 'S6', about: 'failover by hash', flags: `${fleet} --scenario restart --processor failover --selector hash` },
  { id: 'S7', about: 'all start within a second', flags: `${fleet} --scenario start` },
  { id: 'S8', about: 'the same with TLS', flags: `${fleet} --scenario start --security tls --selector hash` },
  { id: 'S9', about: 'the same with Kerberos and a slow KDC', flags: `${fleet} --scenario kerberos --selector hash` },
  { id: 'S10', about: 'the sinks stop for an hour', flags: '--clients 200 --agents 3 --scenario sink-stop' },
  {
    id: 'S16',
    about: 'the same with 50 threads and keep-alive = 1',
    flags: '--clients 200 --agents 3 --scenario sink-stop --threads 50 --keep-alive-ms 1000',
  },
  { id: 'S11', about: 'one process logs a hundred times as much', flags: `${fleet} --scenario loud` },
  { id: 'S12', about: 'half of the agents die', flags: `${fleet} --scenario half-die --selector hash` },
  { id: 'S13', about: 'an upgrade, agent by agent', flags: `${fleet} --scenario upgrade --selector hash` },
  { id: 'S14', about: 'a network cut in two', flags: `${fleet} --scenario cut --selector hash` },
  { id: 'S15', about: 'a name that gets another address', flags: `${fleet} --scenario name` },
];

const file = path.join(import.meta.dirname, '../results/simulated.json');

export function keptOutcomes(): Readonly<Record<string, KeptOutcome>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, KeptOutcome>;
  } catch {
    return {};
  }
}

/** Those of them that were run, in the order of the simulations. */
export function keptOf(ids: readonly string[]): (KeptOutcome & { id: string; about: string })[] {
  const kept = keptOutcomes();
  return simulations
    .filter(({ id }) => ids.includes(id) && id in kept)
    .map(({ id, about }) => ({ id, about, ...(kept[id] as KeptOutcome) }));
}

export function keepOutcome(id: string, flags: string, outcome: KeptOutcome['outcome']): void {
  const all = { ...keptOutcomes(), [id]: { ranAt: new Date().toISOString(), flags, outcome } };
  writeFileSync(file, `${JSON.stringify(all, undefined, 2)}\n`);
  const biome = path.join(import.meta.dirname, '../../node_modules/.bin/biome');
  execFileSync(biome, ['format', '--write', file], { stdio: 'ignore' });
}
