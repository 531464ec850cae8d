// When a batch that is set aside is tried again, and when an event is poison: at the bounds, and one short of them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Agent } from '../../src/agents/agent.ts';
import { Backoff } from '../../src/agents/backoff.ts';
import type { Transaction } from '../../src/channel/channel.ts';
import { Trial, type Way } from '../../src/sink/trial.ts';
import { Witness } from '../../src/sink/witness.ts';

const backoff = (): Backoff => new Backoff({ initialDelayMs: 100, maxDelayMs: 1_000 }, () => 1);
const tenMinutesMs = 600_000;
const setAsideAt = 50;

/** A batch that has failed with one agent and is set aside. */
class Past {
  readonly agent = {} as Agent;
  readonly witness = new Witness(backoff());
  readonly trial: Trial;
  passedAnywhere = 0;
  now = setAsideAt;

  constructor({ count = 1, tookAsLarge = false, way = 'broken' as Way } = {}) {
    const story = { ordinal: 7, since: setAsideAt, way, attempts: 2 };
    this.trial = new Trial({ count } as Transaction, story, backoff(), tookAsLarge);
    this.trial.marked(this.agent, this.witness);
  }

  pass(batches = 10): this {
    this.witness.passed += batches;
    this.passedAnywhere += batches;
    return this;
  }

  fail(way: Way = 'broken'): this {
    this.trial.failed(this.agent, this.witness, way, this.passedAnywhere);
    return this;
  }

  /** So many trials that fail, others passing before each. */
  strikes(count: number, way: Way = 'broken'): this {
    for (let strike = 0; strike < count; strike++) this.pass().fail(way);
    return this;
  }

  get isPoison(): boolean {
    return this.trial.isPoison(this.agent, this.witness, this.passedAnywhere, this.now);
  }

  get givesWay(): boolean {
    return this.trial.givesWay(this.passedAnywhere);
  }

  isFor(othersWait = true, agent = this.agent): boolean {
    return this.trial.isFor(agent, this.witness, othersWait);
  }
}

describe('a trial', () => {
  it('begins as its batch was when it was set aside', () => {
    const { trial } = new Past({ way: 'refused' });
    assert.deepEqual(trial.story, { ordinal: 7, since: setAsideAt, way: 'refused', attempts: 2 });
    assert.deepEqual([trial.failures, trial.isInFlight, trial.restEnd], [0, false, 0]);
  });

  it('is for another agent, and for its own where nobody waits, at once', () => {
    const story = new Past();
    assert.equal(story.isFor(true, {} as Agent), true);
    assert.equal(story.isFor(false), true);
    assert.equal(story.isFor(), false);
  });

  it('comes again when one other batch has passed, later when ten have', () => {
    const story = new Past().pass(1);
    assert.equal(story.isFor(), true);
    story.fail();
    assert.equal(story.pass(8).isFor(), false, 'of the nine that passed since it was set aside');
    assert.equal(story.pass(1).isFor(), true, 'those before a trial that tells nothing count on');
    story.fail();
    assert.equal(story.pass(9).isFor(), false);
    assert.equal(story.pass(1).isFor(), true);
  });

  it('counts its failures, and knows with which agent the last was', () => {
    const story = new Past();
    const other = {} as Agent;
    assert.deepEqual([story.trial.lastFailureWith(story.agent), story.trial.lastFailureWith(other)], [1, 0]);
    story.fail('refused').pass().fail('refused');
    story.witness.flaws += 1;
    story.fail('refused');
    assert.deepEqual([story.trial.lastFailureWith(story.agent), story.trial.lastFailureWith(other)], [4, 0]);
    story.trial.failed(other, new Witness(backoff()), 'refused', 0);
    assert.deepEqual([story.trial.lastFailureWith(story.agent), story.trial.lastFailureWith(other)], [4, 5]);
    assert.deepEqual([story.trial.failures, story.trial.story.way], [4, 'refused']);
  });
});

describe('poison, by a broken connection', () => {
  it('after three trials with ten others around each', () => {
    const story = new Past().strikes(3);
    assert.equal(story.isPoison, false);
    assert.equal(story.pass(9).isPoison, false);
    assert.equal(story.pass(1).isPoison, true);
    assert.equal(new Past().strikes(2).pass(1_000).isPoison, false);
  });

  it('not where fewer passed before a trial: they count together with the next', () => {
    const story = new Past().strikes(2).pass(9).fail();
    assert.equal(story.pass(100).isPoison, false);
    assert.equal(story.fail().pass(10).isPoison, true);
  });

  it('more trials than needed change nothing, and others have to pass after the last that counts', () => {
    const story = new Past().strikes(3).pass(9).fail();
    assert.equal(story.isPoison, false);
    assert.equal(story.pass(1).isPoison, true);
    assert.equal(new Past().strikes(5).pass(0).isPoison, true);
    assert.equal(new Past().strikes(4).isPoison, true, 'the fourth comes after the last that counts');
  });

  it('not where something else broke at the agent: then its trials begin anew', () => {
    const story = new Past().strikes(3);
    story.witness.flaws += 1;
    assert.equal(story.pass().isPoison, false);
    story.fail();
    assert.equal(story.pass().isPoison, false);
    assert.equal(story.strikes(2).pass().isPoison, false);
    assert.equal(story.fail().pass().isPoison, true);
  });

  it('a first failure with another agent takes nothing back', () => {
    const story = new Past().strikes(3);
    const other = {} as Agent;
    const itsWitness = new Witness(backoff());
    story.trial.failed(other, itsWitness, 'broken', story.passedAnywhere);
    assert.equal(story.pass().isPoison, true);
    assert.equal(story.trial.isPoison(other, itsWitness, 1_000, 0), false, 'too few passed there');
    itsWitness.passed += 10;
    assert.equal(story.trial.isPoison(other, itsWitness, 1_000, 0), true);
  });

  it('not where the others passed at another agent', () => {
    const story = new Past().strikes(3).pass(9);
    story.passedAnywhere += 100;
    assert.equal(story.isPoison, false);
    assert.equal(story.pass(1).isPoison, true);
  });

  it('not what only passed at this agent before its last trial somewhere else', () => {
    const story = new Past().strikes(3);
    story.witness.passed += 10;
    assert.equal(story.isPoison, false);
  });

  it('never a batch of several, nor with an agent that never had it', () => {
    assert.equal(new Past({ count: 2 }).strikes(3).pass().isPoison, false);
    const { trial, witness } = new Past().strikes(3).pass(100);
    assert.equal(trial.isPoison({} as Agent, witness, 1_000, 0), false);
  });
});

describe('poison, by a refusal', () => {
  it('after ten trials and ten minutes', () => {
    const story = new Past().strikes(10, 'refused').pass();
    story.now = setAsideAt + tenMinutesMs - 1;
    assert.equal(story.isPoison, false);
    story.now += 1;
    assert.equal(story.isPoison, true);
    const early = new Past().strikes(9, 'refused').pass(100);
    early.now = 10 * tenMinutesMs;
    assert.equal(early.isPoison, false);
  });

  it('where an agent had taken one as large before: not until one has again', () => {
    const story = new Past({ tookAsLarge: true }).strikes(10, 'refused').pass();
    story.now = 10 * tenMinutesMs;
    assert.equal(story.isPoison, false);
    story.trial.passedAsLarge();
    assert.equal(story.isPoison, true);
  });

  it('without the ten minutes gives way to another', () => {
    const story = new Past({ tookAsLarge: true }).strikes(10, 'refused');
    assert.equal(story.givesWay, false);
    assert.equal(story.pass().givesWay, false, 'one as large was taken before');
    story.trial.passedAsLarge();
    assert.equal(story.givesWay, true);
    story.trial.isInFlight = true;
    assert.equal(story.givesWay, false);
    assert.equal(new Past().strikes(9, 'refused').pass(100).givesWay, false);
    assert.equal(new Past({ count: 2 }).strikes(10, 'refused').pass().givesWay, false);
    const broken = new Past();
    for (let failure = 0; failure < 20; failure++) broken.fail();
    assert.equal(broken.pass().givesWay, false, 'a link that breaks may be why');
  });

  it('is counted apart from broken connections, and outlasts other faults', () => {
    const mixed = new Past().strikes(2).strikes(9, 'refused').pass();
    mixed.now = 10 * tenMinutesMs;
    assert.equal(mixed.isPoison, false);
    const story = new Past().strikes(9, 'refused');
    story.witness.flaws += 1;
    story.pass().fail('refused').strikes(1, 'refused').pass();
    story.now = 10 * tenMinutesMs;
    assert.equal(story.isPoison, true, 'a full channel makes flaws too');
  });
});

describe('a witness', () => {
  it('wants its agent left alone when trials break in a row, with nothing accepted between', () => {
    const rests = backoff();
    const witness = new Witness(rests);
    assert.equal(witness.broke(), undefined);
    assert.equal(witness.broke(), rests);
    rests.next();
    assert.equal(witness.broke(), rests);
    assert.equal(rests.failures, 1, 'which grows');
    witness.passed += 1;
    assert.equal(witness.broke(), undefined);
    assert.equal(rests.failures, 0, 'and begins anew');
  });
});
