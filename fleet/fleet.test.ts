// What a fleet does to its agents, each run from a fixed seed on a virtual clock.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Fleet, type FleetOptions } from './fleet.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { scenes } from './scenes.ts';

const usual: FleetOptions = {
  clients: 800,
  agents: 8,
  scenario: 'steady',
  processor: 'load_balance',
  security: 'plain',
  rate: 1,
  seconds: 1,
  seed: 1,
};

async function run(options: Partial<FleetOptions>): Promise<Outcome> {
  const fleet = new Fleet({ ...usual, ...options });
  return outcomeOf(fleet, await fleet.run());
}

const spread = [
  { processor: 'load_balance' },
  { processor: 'load_balance', selector: 'hash' },
  { processor: 'failover', selector: 'hash' },
] as const;

describe('a fleet', () => {
  const { stackTraceLimit } = Error;

  before(() => {
    Error.stackTraceLimit = 0;
  });

  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  for (const options of spread) {
    for (const seed of [1, 2]) {
      it(`recovers from the restart of one of 8 agents: ${Object.values(options).join(', ')}, seed ${seed}`, async () => {
        const outcome = await run({ ...options, scenario: 'restart', seed });
        assert.equal(outcome.lost, 0);
        assert.equal(outcome.queued, 0);
        assert.equal(outcome.accepted, outcome.delivered);
        assert.ok(outcome.connectsPeakToMean <= 3, `connects: ${outcome.connectsPeakToMean}`);
        assert.ok(outcome.loadMaxToMean <= 1.3, `load: ${outcome.loadMaxToMean}`);
        assert.ok(outcome.recoveryMs <= 5_000, `recovery: ${outcome.recoveryMs}`);
        assert.equal(outcome.neverRecovered, 0);
        assert.equal(
          outcome.connectsEachSecond.reduce((total, connects) => total + connects, 0),
          outcome.connects,
        );
        assert.equal(Math.max(...outcome.connectsEachSecond), outcome.connectsPeak);
      });
    }
  }

  it('by hash has two connections for each client with load_balance, and one with failover', async () => {
    const [all, two, one] = await Promise.all(
      spread.map((options) => run({ ...options, scenario: 'start', clients: 200 })),
    );
    assert.equal(all?.connectionsMean, 200);
    assert.equal(two?.connectionsMean, 50);
    assert.equal(one?.connectionsMean, 25);
  });

  it('starts at once, with TLS and threads for twice the connections that it has by hash', async () => {
    for (const options of spread.slice(1)) {
      const outcome = await run({ ...options, scenario: 'start', security: 'tls', clients: 400, threads: 200 });
      assert.ok(outcome.refusalMs <= 10_000, `refused for ${outcome.refusalMs} ms`);
      assert.equal(outcome.neverRecovered, 0);
      assert.equal(outcome.lost, 0);
    }
    const without = await run({ scenario: 'start', security: 'tls', clients: 400, threads: 200 });
    assert.ok(without.refusalMs > 10_000, 'every client has a connection to every agent');
  });

  it('with failover in the order of the list loads one agent', async () => {
    const outcome = await run({ processor: 'failover', scenario: 'restart', clients: 50 });
    assert.equal(outcome.loadMaxToMean, 8);
    assert.equal(outcome.lost, 0);
  });

  it('does not replace its connections together, where they have a greatest age', async () => {
    const outcome = await run({ scenario: 'name', clients: 200 });
    assert.ok(outcome.connectsPeakToMean <= 2, `connects: ${outcome.connectsPeakToMean}`);
    assert.equal(outcome.lost, 0);
  });

  it('is the same from the same seed, and another from another', async () => {
    const [one, same, other] = [
      await run({ scenario: 'restart', clients: 20 }),
      await run({ scenario: 'restart', clients: 20 }),
      await run({ scenario: 'restart', clients: 20, seed: 2 }),
    ];
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
  });
});

describe('npm run fleet', () => {
  const program = path.join(import.meta.dirname, 'run.ts');
  const fleet = (...flags: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', program, ...flags], { encoding: 'utf8' });

  for (const scenario of Object.keys(scenes)) {
    it(`prints one line of JSON last: ${scenario}`, () => {
      const clients = scenario === 'sink-stop' ? '3' : '10';
      for (const processor of ['load_balance', 'failover']) {
        const flags = ['--clients', clients, '--agents', '3', '--scenario', scenario, '--processor', processor];
        const { stdout, status, stderr } = fleet(...flags, '--json');
        assert.equal(status, 0, stderr);
        const outcome = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
        for (const name of ['lost', 'duplicates', 'connectsPeakToMean', 'loadMaxToMean', 'recoveryMs']) {
          assert.equal(typeof outcome[name], 'number', name);
        }
        assert.equal(outcome['lost'], 0);
        assert.equal(outcome['scenario'], scenario);
      }
    });
  }

  it('refuses what it does not know', () => {
    const wrong = [
      [['--klients', '3'], /--klients/],
      [['--clients', 'many'], /--clients: expected a whole number >= 1, got many/],
      [['--scenario', 'flood'], /--scenario: expected one of steady, restart,.*got flood/],
      [['--processor', 'both'], /--processor: expected one of load_balance, failover, got both/],
      [['steady'], /steady/],
    ] as const;
    for (const [flags, expected] of wrong) {
      const { status, stderr } = fleet(...flags);
      assert.equal(status, 2);
      assert.match(stderr, expected);
    }
  });

  it('says which scenarios there are', () => {
    assert.match(fleet('--list').stdout, /^restart +the first agent is killed/m);
    assert.match(fleet('--help').stdout, /--scenario NAME/);
  });
});
