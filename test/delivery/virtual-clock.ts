// Time that passes only when nothing is left to do, in the order of Node's event loop: the timers that are due, then what
// the network brought, then what was asked for `soon`. A process that is blocked finds all three waiting for it.

import type { Clock, Timer } from '../../packages/core/src/clock.ts';

interface Due {
  readonly at: number;
  /** Of two that are due at the same time, the one asked for first. */
  readonly order: number;
  callback: ((at: number) => void) | undefined;
}

// Timers that were cancelled are forgotten when they are the most, unless all are few.
const fewTimers = 1_000;

export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #timers = new Queue();
  readonly #outside = new Queue();
  /** Asked for `soon`, in order; those before `#soonAt` are done. */
  #soon: (() => void)[] = [];
  #soonAt = 0;
  /** Timers of the process that have neither fired nor been cancelled. */
  pendingTimers = 0;

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Timer {
    // As setTimeout has it: whole milliseconds, one at least.
    const at = this.#now + Math.max(1, Math.trunc(delayMs));
    const due: Due = { at, order: this.#order++, callback };
    this.#timers.add(due);
    this.pendingTimers += 1;
    return {
      cancel: () => {
        if (due.callback === undefined) return;
        due.callback = undefined;
        this.pendingTimers -= 1;
        if (this.#timers.size > 2 * this.pendingTimers + fewTimers) this.#timers.forget();
      },
    };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Something that happens outside, whatever the process does: a byte arrives, an agent commits. */
  at(at: number, callback: (at: number) => void): void {
    this.#outside.add({ at, order: this.#order++, callback });
  }

  /** The process is busy for so long: it sees nothing meanwhile. */
  block(durationMs: number): void {
    this.#now += durationMs;
  }

  /** Does the next thing. @returns what it was: undefined where there is nothing, now or ever */
  step(): 'timer' | 'outside' | 'soon' | undefined {
    for (;;) {
      const timer = this.#timers.next;
      if (timer !== undefined && timer.at <= this.#now) {
        this.#timers.remove();
        const { callback } = timer;
        if (callback === undefined) continue;
        timer.callback = undefined;
        this.pendingTimers -= 1;
        callback(timer.at);
        return 'timer';
      }
      const outside = this.#outside.next;
      if (outside !== undefined && outside.at <= this.#now) {
        this.#outside.remove();
        outside.callback?.(outside.at);
        return 'outside';
      }
      const soon = this.#soon[this.#soonAt];
      if (soon !== undefined) {
        this.#soonAt += 1;
        if (this.#soonAt === this.#soon.length) {
          this.#soon = [];
          this.#soonAt = 0;
        }
        soon();
        return 'soon';
      }
      if (timer !== undefined && timer.callback === undefined) this.#timers.remove();
      else if (timer === undefined && outside === undefined) return undefined;
      else this.#now = Math.min(timer?.at ?? Number.POSITIVE_INFINITY, outside?.at ?? Number.POSITIVE_INFINITY);
    }
  }
}

/** A binary heap: the earliest first. */
class Queue {
  #heap: Due[] = [];

  get next(): Due | undefined {
    return this.#heap[0];
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Those that were cancelled are gone. */
  forget(): void {
    // Sorted, it is a heap.
    this.#heap = this.#heap.filter(({ callback }) => callback !== undefined).sort((one, other) => order(one, other));
  }

  add(due: Due): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(due);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due)) break;
      heap[index] = heap[parent] as Due;
      index = parent;
    }
    heap[index] = due;
  }

  remove(): void {
    const heap = this.#heap;
    const last = heap.pop() as Due;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child += 1;
      if (!isBefore(heap[child] as Due, last)) break;
      heap[index] = heap[child] as Due;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function order(one: Due, other: Due): number {
  return one.at - other.at || one.order - other.order;
}
