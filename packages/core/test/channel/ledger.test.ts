// The ledger by itself: what is next, what a place that is lost costs, and what becomes of ranges that move.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ledger } from '../../src/channel/ledger.ts';
import type { EventRange, Home } from '../../src/store/event-range.ts';

const home = (headBytes = 0): Home => ({ headBytes, isLasting: false });
const eventBytes = 10;

class Books {
  readonly settled: [from: number, to: number, how: string][] = [];
  readonly ledger = new Ledger((from, to, how) => this.settled.push([from, to, how]));

  /** So many events that stand one behind the other. */
  add(where: Home, count: number, index = 0): void {
    const stride = eventBytes + where.headBytes;
    for (let at = index; at < index + count; at++) this.ledger.added(where, at, at * stride, eventBytes);
  }

  open(count: number, range = this.ledger.next as EventRange): EventRange {
    return this.ledger.open(range, count, count * eventBytes);
  }

  get counts(): number[] {
    const { queuedEvents, queuedBytes, openEvents, openBytes, returnedEvents } = this.ledger.counts;
    return [queuedEvents, queuedBytes, openEvents, openBytes, returnedEvents];
  }

  /** What can be taken, as [ordinal, count, bytes, start], without taking it. */
  get waiting(): number[][] {
    const found: number[][] = [];
    this.ledger.find(({ ordinal, count, bytes, start }) => {
      found.push([ordinal, count, bytes, start]);
      return false;
    });
    return found;
  }
}

describe('a ledger', () => {
  it('knows events that stand one behind the other as one range, and others apart', () => {
    const books = new Books();
    const [one, two] = [home(), home(6)];
    books.add(one, 3);
    books.add(two, 2);
    books.add(two, 1, 4);
    books.add(one, 1, 3);
    assert.deepEqual(books.waiting, [
      [0, 3, 30, 0],
      [3, 2, 20, 0],
      [5, 1, 10, 64],
      [6, 1, 10, 30],
    ]);
    assert.equal(books.ledger.newestHome, one);
    assert.deepEqual([books.ledger.tail, ...books.counts], [7, 7, 70, 0, 0, 0]);
  });

  it('joins neither what stands at the same place of another home, nor what has another number there', () => {
    const books = new Books();
    const [one, two] = [home(), home()];
    books.add(one, 3);
    books.add(two, 1, 3);
    books.ledger.added(two, 9, 40, eventBytes);
    assert.deepEqual(
      books.waiting.map(([ordinal, count]) => [ordinal, count]),
      [
        [0, 3],
        [3, 1],
        [4, 1],
      ],
    );
  });

  it('does not join what was taken apart, nor across events that are missed', () => {
    const books = new Books();
    const one = home();
    books.add(one, 2);
    books.ledger.missed(3);
    books.add(one, 1, 2);
    assert.deepEqual(books.settled, [[2, 5, 'damaged']]);
    assert.deepEqual(books.waiting, [
      [0, 2, 20, 0],
      [5, 1, 10, 20],
    ]);
    assert.equal(books.ledger.tail, 6);
  });

  it('gives back in order, before what was never taken, and settles once', () => {
    const books = new Books();
    books.add(home(), 10);
    const ranges = [books.open(2), books.open(2), books.open(2)];
    assert.deepEqual(books.counts, [10, 100, 6, 60, 0]);
    for (const at of [1, 2, 0]) books.ledger.giveBack(ranges[at] as EventRange, 'none');
    assert.deepEqual(
      books.waiting.map(([ordinal]) => ordinal),
      [0, 2, 4, 6],
    );
    assert.deepEqual(books.counts, [10, 100, 0, 0, 6]);
    const freed: number[] = [];
    const again = books.open(1);
    books.ledger.settle(again, 'delivered', { free: ({ ordinal }) => freed.push(ordinal) });
    assert.deepEqual([books.settled, freed], [[[0, 1, 'delivered']], [0]]);
    assert.deepEqual(books.counts, [9, 90, 0, 0, 5]);
    assert.throws(() => books.ledger.settle(again, 'delivered'), /ended already/);
    assert.throws(() => books.ledger.giveBack(again, 'none'), /ended already/);
  });

  it('takes from the middle: the range before and the rest stay', () => {
    const books = new Books();
    const [one, two] = [home(), home()];
    books.add(one, 3);
    books.add(two, 4);
    const range = books.ledger.find((candidate) => candidate.home === two) as EventRange;
    books.open(1, range);
    const rest = books.ledger.find((candidate) => candidate.home === two) as EventRange;
    books.open(3, rest);
    assert.deepEqual(books.waiting, [[0, 3, 30, 0]]);
    assert.deepEqual(books.counts, [7, 70, 4, 40, 0]);
  });

  it('forfeits all of a place, in flight, returned or never taken, and nothing of others', () => {
    const books = new Books();
    const [lost, kept] = [home(), home()];
    books.add(lost, 6);
    books.add(kept, 4);
    const [returned, open] = [books.open(2), books.open(2)];
    const other = books.open(
      1,
      books.ledger.find((range) => range.home === kept),
    );
    books.ledger.giveBack(returned, 'none');
    assert.deepEqual(books.ledger.forfeit(lost), { count: 6, bytes: 60 });
    assert.deepEqual(
      books.settled.sort(([a], [b]) => Number(a) - Number(b)),
      [
        [0, 2, 'disk'],
        [2, 4, 'disk'],
        [4, 6, 'disk'],
      ],
    );
    assert.throws(() => books.ledger.giveBack(open, 'none'), /ended already/);
    books.ledger.giveBack(other, 'none');
    assert.deepEqual(books.counts, [4, 40, 0, 0, 1]);
    assert.deepEqual(books.ledger.forfeit(lost), { count: 0, bytes: 0 });
  });

  it('parts an open range: both parts are open, and end by themselves', () => {
    const books = new Books();
    books.add(home(), 5);
    const { first, rest } = books.ledger.part(books.open(5), 2, 2 * eventBytes);
    assert.deepEqual(books.counts, [5, 50, 5, 50, 0]);
    books.ledger.settle(rest as EventRange, 'delivered');
    books.ledger.giveBack(first, 'none');
    assert.deepEqual(books.settled, [[2, 5, 'delivered']]);
    assert.deepEqual(books.counts, [2, 20, 0, 0, 2]);
    assert.throws(() => books.ledger.settle(first, 'delivered'));
  });

  it('recalls of one place only what is open there', () => {
    const books = new Books();
    const [one, two] = [home(), home()];
    books.add(one, 2);
    books.add(two, 3);
    const ranges = [books.open(2), books.open(3)] as const;
    books.ledger.recall(two);
    assert.deepEqual(books.counts, [5, 50, 2, 20, 3]);
    assert.throws(() => books.ledger.settle(ranges[1], 'delivered'));
    books.ledger.settle(ranges[0], 'delivered');
    assert.deepEqual(books.counts, [3, 30, 0, 0, 3]);
  });

  it('recalls what is open, all or of one place', () => {
    const books = new Books();
    const [one, two] = [home(), home()];
    books.add(one, 2);
    books.add(two, 2);
    books.open(2);
    books.open(2);
    books.ledger.recall(one);
    assert.deepEqual(books.counts, [4, 40, 2, 20, 2]);
    books.ledger.recall();
    assert.deepEqual(books.counts, [4, 40, 0, 0, 4]);
  });

  it('moves the first events of a range: what then stands one behind the other is one range again', () => {
    const books = new Books();
    const [memory, disk] = [home(), home(6)];
    books.add(memory, 9);
    const moveNext = (count: number, index: number): void => {
      const range = books.ledger.find((candidate) => candidate.home === memory) as EventRange;
      books.ledger.move(range, count, count * eventBytes, { home: disk, index, start: index * 16 });
    };
    moveNext(4, 0);
    assert.deepEqual(books.waiting, [
      [0, 4, 40, 0],
      [4, 5, 50, 40],
    ]);
    moveNext(3, 4);
    assert.deepEqual(books.waiting, [
      [0, 7, 70, 0],
      [7, 2, 20, 70],
    ]);
    moveNext(2, 8);
    assert.deepEqual(books.waiting, [
      [0, 7, 70, 0],
      [7, 2, 20, 128],
    ]);
    assert.deepEqual(books.counts, [9, 90, 0, 0, 0]);
  });

  it('moves what was returned, and keeps it apart: it was tried as that batch', () => {
    const books = new Books();
    const [memory, disk] = [home(), home()];
    books.add(memory, 4);
    const [first, second] = [books.open(2), books.open(2)];
    books.ledger.giveBack(first, 'suspicion');
    books.ledger.giveBack(second, 'none');
    for (const index of [0, 2]) {
      const range = books.ledger.find((candidate) => candidate.home === memory) as EventRange;
      books.ledger.move(range, 2, 20, { home: disk, index, start: index * eventBytes });
    }
    assert.deepEqual(books.waiting, [
      [0, 2, 20, 0],
      [2, 2, 20, 20],
    ]);
    assert.equal(books.ledger.next?.history.ownFailures, 1);
    assert.deepEqual(books.counts, [4, 40, 0, 0, 4]);
  });
});
