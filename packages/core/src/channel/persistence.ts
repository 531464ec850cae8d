// How much of a channel outlives its process: nothing of a memory channel, all of a file channel, and of a spillable one
// what was written in time.

import type { FileStore } from '../store/file-store.ts';
import type { Portion } from '../store/store.ts';
import type { Channel } from './channel.ts';
import type { SpillStore } from './spill-store.ts';

const nothing: Portion = { count: 0, bytes: 0 };

export class Persistence {
  readonly #channel: Channel;
  readonly #file: FileStore | undefined;
  readonly #spill: SpillStore | undefined;
  #isLeft = false;

  /** @param file where events are on disk @param spill where they are only if it is told in time */
  constructor(channel: Channel, file: FileStore | undefined, spill: SpillStore | undefined) {
    this.#channel = channel;
    this.#file = file;
    this.#spill = spill;
  }

  /** Events that an earlier process left, until now. */
  get recovered(): number {
    return this.#file?.recovered ?? 0;
  }

  /** Resolves when the first look at what dead writers left is over; undefined where it is. */
  get arriving(): Promise<void> | undefined {
    return this.#file?.firstLook;
  }

  /** Events left to the next process, once this one has left them; undefined where there is no disk. */
  get spooled(): Portion | undefined {
    return this.#isLeft ? this.#file?.queued : this.#file && nothing;
  }

  /** Queued events that end with the process. */
  get fleeting(): number {
    return this.#channel.queuedEvents - (this.#file?.queued.count ?? 0);
  }

  /** Why they are, after the channel was spilled. */
  get illness(): string | undefined {
    return this.#spill?.illness;
  }

  /** No agent works, said again whenever one has failed; or one does. */
  outage(isOn: boolean): void {
    this.#spill?.outage(isOn);
  }

  /** Events on disk already are written to the platter, as far as the disk can be believed. Never rejects. */
  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  /** Events in memory go to disk now, where there is one. */
  spill(): void {
    this.#spill?.spill();
  }

  /** The same a little at a time. Never rejects. */
  async spillSoon(): Promise<void> {
    await this.#spill?.spillSoon();
  }

  /** The process ends, and nothing can be waited for. @returns whether all that is queued is on disk */
  save(): boolean {
    this.spill();
    this.leave();
    return this.fleeting === 0;
  }

  /** Events on disk are the next process' from now on. */
  leave(): void {
    this.#isLeft = true;
  }

  /** Closes the files. Never rejects. */
  async close(): Promise<void> {
    await this.#file?.close();
  }
}
