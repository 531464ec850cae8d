import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import { FlumeError } from '../../src/errors.ts';
import { Voice } from '../../src/observe/voice.ts';

/** A clock that is wound by hand. */
class HandClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): { cancel(): void } {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((one) => one !== timer)) };
  }

  soon(callback: () => void): void {
    this.after(0, callback);
  }

  wind(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
      this.#timers = this.#timers.filter((one) => one !== timer);
      timer.callback();
    }
  }

  get timers(): number {
    return this.#timers.length;
  }
}

function voice(): { clock: HandClock; said: string[]; voice: Voice } {
  const clock = new HandClock();
  const said: string[] = [];
  return { clock, said, voice: new Voice(clock, ({ code }) => said.push(code)) };
}

const error = new FlumeError('ERR_FLUME_TIMEOUT', 'no answer');

describe('Voice', () => {
  it('tells of an outage and its end', () => {
    const { said, voice: one } = voice();
    one.failed('a', error);
    one.recovered('a', 1000);
    assert.deepEqual(said, ['ERR_FLUME_TIMEOUT', 'FLUME_RECOVERED']);
  });

  it('tells nothing of short outages that follow, but of one that lasts', () => {
    const { clock, said, voice: one } = voice();
    one.failed('a', error);
    one.recovered('a', 10);
    for (let count = 0; count < 5; count++) {
      clock.wind(50);
      one.failed('a', error);
      clock.wind(50);
      one.recovered('a', 100);
    }
    assert.equal(said.length, 2);
    one.failed('b', error);
    assert.equal(said.length, 3);
    one.failed('a', error);
    assert.equal(said.length, 3);
    clock.wind(1_000);
    assert.equal(said.length, 4);
    one.recovered('a', 10_000);
    assert.deepEqual(said.slice(3), ['ERR_FLUME_TIMEOUT', 'FLUME_RECOVERED']);
    one.failed('a', error);
    one.close();
    assert.equal(clock.timers, 0);
  });

  it('tells of a reason for losses again after a minute and an empty channel', () => {
    const { clock, said, voice: one } = voice();
    one.dropped('full', 1);
    clock.wind(120_000);
    one.dropped('full', 2);
    assert.equal(said.length, 1);
    one.dropped('oversize', 1);
    assert.equal(said.length, 2);
    one.drained();
    one.dropped('full', 3);
    assert.equal(said.length, 3);
    one.drained();
    clock.wind(59_000);
    one.dropped('full', 4);
    assert.equal(said.length, 3);
  });
});
