// The comparisons of the file channel: what a file costs above memory, and how it stands beside embedded stores.
import { type Comparison, columns, type Subject } from '../harness/comparison.ts';
import { numbersOf, program } from '../harness/program.ts';

const { putCpu, putTime, putsPerSecond, drainsPerSecond } = columns;

const subject = (name: string, settings: object): Subject => ({
  name,
  run: () => numbersOf(program('spool', settings)),
});
const alone = (subjects: readonly Subject[]) => async () => ({ subjects, close: async () => {} });

const cost: Comparison = {
  id: 'file-channel',
  title: 'What a file costs',
  about:
    'The time of `put()` in bursts of 100 that nobody takes meanwhile, 4 headers and a body of 200 bytes: into memory, and ' +
    'into files with each `fsync`. Then all are taken in batches of 100 and committed.',
  columns: [putTime, putCpu, drainsPerSecond],
  open: alone([
    subject('memory', { how: 'memory', events: 200_000 }),
    ...['never', 'interval', 'always'].map((fsync) =>
      // With `always` put() does not wait for the disk either; here the next burst does.
      subject(`files, fsync ${fsync}`, { how: 'file', fsync, events: fsync === 'always' ? 60_000 : 200_000 }),
    ),
  ]),
};

// node:sqlite is in Node 22 and later.
const peers = ['lmdb', 'classic-level', ...(Number.parseInt(process.versions.node, 10) >= 22 ? ['node:sqlite'] : [])];

const stores = (id: string, title: string, about: string, settings: object): Comparison => ({
  id,
  title,
  about,
  columns: [putsPerSecond, drainsPerSecond],
  open: alone(
    [...peers.map((how) => ({ name: how, how })), { name: 'file channel', how: 'file' }].map(({ name, how }) =>
      subject(name, { how, events: 30_000, ...settings }),
    ),
  ),
});

export const spoolComparisons: readonly Comparison[] = [
  cost,
  stores(
    'stores',
    'Embedded stores',
    'Events of 4 headers and a body of 200 bytes, each put in a transaction of its own, since `put()` answers for it alone; ' +
      'then read and deleted in transactions of 100. The stores never sync; the file channel does every 500 ms.',
    { transaction: 1, fsync: 'interval' },
  ),
  stores(
    'stores-fsync',
    'Embedded stores, fsync for every 100 events',
    'The same, put in transactions of 100, each on the platter before the next.',
    { transaction: 100, fsync: 'always' },
  ),
];
