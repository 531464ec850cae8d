// What dead writers left: their folders are adopted and their segments read through, one after the other and without making
// the thread wait. Events can be sent as soon as they are found.

import type { Clock } from '../clock.ts';
import type { Disk } from './disk.ts';
import { diskErrorCode } from './disk.ts';
import { parseSegmentName, type SegmentIdentity, segmentVersion } from './segment.ts';
import { SegmentFile } from './segment-file.ts';
import type { FoundRecord } from './segment-reader.ts';
import { SegmentScan } from './segment-scan.ts';
import type { Spool } from './spool.ts';

export interface BacklogListener {
  /** An event that is still to be delivered. */
  found(segment: SegmentFile, record: FoundRecord): void;
  /** So many that were to be delivered cannot be read. */
  lost(count: number): void;
  /** For now that is all: the rest has to be read first. */
  pause(): void;
}

// Errors that may be over in a moment.
const passing = new Set(['EAGAIN', 'EBUSY', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM', 'ESTALE', 'ETIMEDOUT']);
const maxTries = 10;
const pauseMs = 500;

export class Backlog {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #spool: Spool;
  readonly #listener: BacklogListener;
  #running: Promise<void> | undefined;
  #again = false;
  #wake: () => void = () => {};
  #closed = false;

  constructor(disk: Disk, clock: Clock, spool: Spool, listener: BacklogListener) {
    this.#disk = disk;
    this.#clock = clock;
    this.#spool = spool;
    this.#listener = listener;
  }

  /** Looks for folders of dead writers, and reads them. Never rejects. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#again = this.#running !== undefined;
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
      if (this.#again) void this.look();
    });
    return this.#running;
  }

  /** Stops at the next chunk. Resolves when it has. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
  }

  async #look(): Promise<void> {
    for (const folder of await this.#spool.adopt()) {
      this.#spool.hold(folder);
      try {
        const names = await this.#patiently(() => this.#disk.readdirSync(folder));
        for (const name of names.sort()) {
          const identity = parseSegmentName(name);
          if (identity !== undefined) await this.#readSegment(folder, name, identity);
          if (this.#closed) return;
        }
        this.#spool.release(folder);
      } catch {
        // A folder that cannot be read stays, for the next process.
      }
    }
  }

  async #readSegment(folder: string, name: string, identity: SegmentIdentity): Promise<void> {
    let scan: SegmentScan;
    try {
      scan = await this.#patiently(() => new SegmentScan(this.#disk, `${folder}/${name}`, identity));
    } catch (error) {
      if (!this.#closed) this.#spool.setAside(folder, name, `it cannot be read: ${diskErrorCode(error)}`);
      return;
    }
    if (scan.isForeign) {
      scan.close();
      this.#spool.setAside(folder, name, `it has format version ${scan.version}, this is ${segmentVersion}`);
      return;
    }
    const segment = SegmentFile.found(this.#disk, folder, identity, scan.size, scan.ackBytes);
    segment.isDamaged = scan.isHeaderDamaged;
    this.#spool.adopted(segment);
    const isWhole = await this.#readEvents(segment, scan);
    scan.close();
    this.#listener.pause();
    // What was not read to its end is for the next process.
    if (!isWhole) return;
    segment.isSealed = true;
    if (segment.pending === 0) this.#spool.discard(segment);
  }

  /** @returns false where it was stopped */
  async #readEvents(segment: SegmentFile, scan: SegmentScan): Promise<boolean> {
    for (let step = scan.next(); step !== undefined; step = scan.next()) {
      if (step === 'more') {
        this.#listener.pause();
        try {
          await this.#patiently(() => scan.fillSoon());
        } catch {
          if (!this.#closed) scan.fillAround();
        }
        if (this.#closed) return false;
      } else if (step.tag === 'damage') {
        segment.isDamaged = true;
        this.#listener.lost(step.events);
      } else if (step.tag === 'event' && !step.isSettled) {
        this.#listener.found(segment, step.record);
      }
    }
    return true;
  }

  /** Tries again for some seconds what the disk refuses: too many open files, say, are no reason to give events up. */
  async #patiently<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (tries === maxTries || this.#closed || !passing.has(diskErrorCode(error))) throw error;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          this.#clock.after(pauseMs, resolve);
        });
      }
    }
  }
}
