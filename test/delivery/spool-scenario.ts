// What a simulation of channels on disk goes through, drawn from a seed.

import type { Disk } from '../../packages/core/src/disk.ts';
import { Chance } from './chance.ts';
import type { DiskFault } from './simulated-disk.ts';

export interface SpoolScenario {
  readonly type: 'file' | 'spillable';
  readonly whenFull: 'drop-newest' | 'drop-oldest' | 'drop-low';
  readonly fsync: 'always' | 'interval' | 'never';
  readonly maxBytes: number;
  readonly minFreeBytes: number;
  readonly capacity: number;
  readonly byteCapacity: number;
  readonly diskBytes: number;
  readonly isShort: boolean;
  readonly latencyMs: number;
  readonly faults: readonly DiskFault[];
  readonly actions: readonly SpoolAction[];
  /** All is well from then on. */
  readonly calmAt: number;
}

export type SpoolAction = { readonly at: number } & (
  | { readonly does: 'put'; readonly process: number; readonly count: number; readonly size: number }
  | {
      readonly does: 'take';
      readonly process: number;
      readonly batches: number;
      readonly outcome: 'commit' | 'rollback' | 'drop' | 'keep';
    }
  | { readonly does: 'outage'; readonly process: number; readonly isOn: boolean }
  | { readonly does: 'close' | 'start'; readonly process: number }
  /** `calls`: of the disk, after which it ends. */
  | { readonly does: 'kill'; readonly process: number; readonly calls: number }
  | { readonly does: 'power' }
  | { readonly does: 'delete'; readonly which: number; readonly what: 'file' | 'folder' }
);

const codes = ['EIO', 'ENOTCONN', 'ESTALE', 'EROFS', 'ENOSPC', 'EMFILE', 'EACCES'];
const calls: readonly (keyof Disk)[] = [
  'openSync',
  'closeSync',
  'readSync',
  'read',
  'writeSync',
  'ftruncateSync',
  'fdatasync',
  'fsync',
  'fstatSync',
  'lstatSync',
  'mkdirSync',
  'readdirSync',
  'renameSync',
  'rmdirSync',
  'unlinkSync',
  'utimesSync',
  'statfsSync',
];

const lengthMs = 60_000;

export function drawSpoolScenario(seed: number): SpoolScenario {
  const chance = new Chance(seed);
  const processes = chance.pick([1, 1, 2, 3, 8]);
  const hasFaults = chance.is(0.6);
  const hasKills = chance.is(0.6);
  const hasPowerCuts = chance.is(0.25);
  const hasDeletions = chance.is(0.1);
  const at = (): number => chance.next() * lengthMs;
  const actions: SpoolAction[] = [];
  for (let process = 0; process < processes; process++) {
    actions.push({ at: process === 0 ? 0 : at() / 2, does: 'start', process });
    for (let count = chance.integer(1, 12); count > 0; count--) {
      actions.push({ at: at(), does: 'put', process, count: chance.integer(1, 60), size: chance.pick([10, 100, 700]) });
    }
    for (let count = chance.integer(0, 12); count > 0; count--) {
      const outcome = chance.pick(['commit', 'commit', 'rollback', 'drop', 'keep'] as const);
      actions.push({ at: at(), does: 'take', process, batches: chance.integer(1, 6), outcome });
    }
    for (let count = chance.integer(0, 3); count > 0; count--) {
      actions.push({ at: at(), does: 'outage', process, isOn: chance.is(0.6) });
    }
    if (chance.is(0.3)) actions.push({ at: at(), does: 'close', process }, { at: at(), does: 'start', process });
    if (hasKills && chance.is(0.7)) {
      actions.push({ at: at(), does: 'kill', process, calls: chance.pick([0, 0, chance.integer(1, 40)]) });
      if (chance.is(0.7)) actions.push({ at: at(), does: 'start', process });
    }
  }
  if (hasPowerCuts) {
    const cutAt = at();
    actions.push({ at: cutAt, does: 'power' });
    for (let process = 0; process < processes; process++) {
      if (chance.is(0.7)) actions.push({ at: cutAt + 1 + at() / 3, does: 'start', process });
    }
  }
  if (hasDeletions) {
    actions.push({ at: at(), does: 'delete', which: chance.integer(0, 20), what: chance.pick(['file', 'folder']) });
  }
  const faults: DiskFault[] = [];
  for (let count = hasFaults ? chance.integer(1, 4) : 0; count > 0; count--) {
    const from = chance.is(0.2) ? 0 : at();
    const to = from + chance.pick([50, 1_000, 8_000, 40_000]) * (0.5 + chance.next());
    const some = chance.is(0.4) ? [] : Array.from({ length: chance.integer(1, 4) }, () => chance.pick(calls));
    faults.push({ from, to, code: chance.pick(codes), calls: some, probability: chance.pick([0.1, 0.5, 1, 1]) });
  }
  const diskBytes = chance.is(0.2) ? chance.integer(8_000, 80_000) : 2 ** 30;
  return {
    type: chance.pick(['file', 'spillable']),
    whenFull: chance.pick(['drop-newest', 'drop-newest', 'drop-oldest', 'drop-low']),
    fsync: chance.pick(['always', 'interval', 'interval', 'never']),
    maxBytes: chance.pick([65_536, 65_536, 200_000, 2 ** 20]),
    minFreeBytes: chance.is(0.3) ? 10_000 : 0,
    capacity: chance.pick([20, 200, 1_000]),
    byteCapacity: chance.pick([5_000, 100_000]),
    diskBytes,
    isShort: hasFaults && chance.is(0.5),
    latencyMs: chance.pick([1, 20, 300]),
    faults,
    actions: actions.sort((a, b) => a.at - b.at),
    calmAt: Math.max(lengthMs * 1.4, ...faults.map(({ to }) => to)),
  };
}
