// The spillable store: a file store that writes later. Events wait in memory, and are written only while memory is full or
// no agent works, and when the process ends. As with Flume's channel of this name a kill loses what is in memory.

import type { Clock } from '../clock.ts';
import type { HeaderList } from '../event/flume-event.ts';
import type { DropReason } from '../stats.ts';
import type { EventRange } from '../store/event-range.ts';
import type { FileStore } from '../store/file-store.ts';
import type { MemoryStore } from '../store/memory-store.ts';
import type { Cut, Portion, Store } from '../store/store.ts';
import type { Ledger } from './ledger.ts';

// Most that goes to disk in one write, of which a turn of the event loop has one: half a millisecond, with a new file four.
const maxMovedEvents = 2_000;
const maxMovedBytes = 128 * 1024;

export class SpillStore implements Store {
  readonly #memory: MemoryStore;
  readonly #file: FileStore;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  #isOutage = false;
  #isEnding = false;
  #isMoveDue = false;

  constructor(memory: MemoryStore, file: FileStore, ledger: Ledger, clock: Clock) {
    this.#memory = memory;
    this.#file = file;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  put(headers: HeaderList, body: string | Uint8Array, part: number): DropReason | undefined {
    // Behind events on disk a newer one would wait in memory for no gain.
    const { newestHome = this.#memory } = this.#ledger;
    const isDiskFirst = this.#isOutage || this.#isEnding || newestHome !== this.#memory;
    if (!isDiskFirst && this.#memory.put(headers, body, part) === undefined) return undefined;
    const reason = this.#file.put(headers, body, part);
    if (reason === undefined) return undefined;
    return isDiskFirst ? this.#memory.put(headers, body, part) : 'full';
  }

  read(range: EventRange, maxEvents: number, maxBytes: number): Cut | undefined {
    return this.#storeOf(range).read(range, maxEvents, maxBytes);
  }

  free(range: EventRange): void {
    this.#storeOf(range).free(range);
  }

  sacrifice(range: EventRange, size: number): Portion | undefined {
    return this.#storeOf(range).sacrifice(range, size);
  }

  /**
   * Says that no agent works, again whenever one has failed, or that one does. In an outage what waits in memory goes to
   * disk, and what is put too, so that a kill does not cost it.
   */
  outage(isOn: boolean): void {
    this.#isOutage = isOn;
    if (isOn) this.#moveSoon();
  }

  /** Events in memory go to disk now, in flight or not, and all that are put from now on: the process ends. */
  spill(): void {
    this.#end();
    while (this.#move());
  }

  /** The same a little at a time, where only the agent ends. Never rejects. */
  async spillSoon(): Promise<void> {
    this.#end();
    while (this.#move()) await new Promise<void>((resolve) => this.#clock.soon(resolve));
  }

  /** After spill(): why some of it is still in memory only. */
  get illness(): string | undefined {
    if (this.#file.queued.count === this.#ledger.counts.queuedEvents) return undefined;
    return this.#file.writer.illness ?? 'the folder is full (channel.maxBytes)';
  }

  #storeOf({ home }: EventRange): MemoryStore | FileStore {
    return home === this.#memory ? this.#memory : this.#file;
  }

  #moveSoon(): void {
    if (this.#isMoveDue) return;
    this.#isMoveDue = true;
    // Later also because who says that an agent has failed may not have rolled back its batches yet.
    this.#clock.soon(() => {
      this.#isMoveDue = false;
      if (this.#isOutage && !this.#isEnding && this.#move()) this.#moveSoon();
    });
  }

  #end(): void {
    this.#isEnding = true;
    this.#ledger.recall(this.#memory);
    this.#file.writer.renew();
  }

  /** Moves the oldest events that wait in memory to disk. @returns false where there are none, or no room */
  #move(): boolean {
    const range = this.#ledger.find(({ home }) => home === this.#memory);
    if (range === undefined) return false;
    const sizes = this.#memory.sizes(range, maxMovedEvents);
    for (let count = this.#file.fitting(sizes, maxMovedBytes); count > 0; count = Math.floor(count / 2)) {
      const cut = this.#memory.read(range, count, Number.MAX_SAFE_INTEGER);
      const place = this.#file.write(cut, sizes.slice(0, count));
      if (typeof place !== 'string') {
        this.#memory.free(range.first(count, cut.bytes));
        this.#ledger.move(range, count, cut.bytes, place);
        return true;
      }
      // A process that ends has no other chance: what is smaller may find room.
      if (!this.#isEnding || place !== 'full') return false;
      this.#file.writer.tryAgain();
    }
    return false;
  }
}
