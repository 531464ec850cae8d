// The segments that dead writers left: one by one, as long as there is room, they are taken over and read, without making
// the thread wait. Events can be sent as soon as they are found. A rename has one winner, so one process gets a segment.

import { diskErrorCode, tolerate } from '../disk.ts';
import { FlumeError } from '../errors.ts';
import { privateFile } from '../private-file.ts';
import type { DeadWriters } from '../spool/dead-writers.ts';
import { HeldSegment } from './held-segment.ts';
import type { HeldSegments, SegmentsWorld } from './held-segments.ts';
import { parseSegmentName, type SegmentIdentity, segmentVersion } from './segment.ts';
import { acksPath } from './segment-acks.ts';
import { SegmentFile } from './segment-file.ts';
import type { FoundRecord } from './segment-reader.ts';
import { SegmentScan } from './segment-scan.ts';

export interface BacklogListener {
  /** An event that is still to be delivered. */
  found(segment: HeldSegment, record: FoundRecord): void;
  /** So many that were to be delivered cannot be read. */
  lost(count: number): void;
  /** For now that is all: the rest has to be read first. */
  pause(): void;
}

// A read that the disk refuses is tried so often before it is gone round, if the disk is well otherwise.
const maxTries = 10;
const pauseMs = 500;

export class Backlog {
  readonly #world: SegmentsWorld;
  readonly #dead: DeadWriters;
  readonly #segments: HeldSegments;
  readonly #listener: BacklogListener;
  #running: Promise<void> | undefined;
  #again = false;
  /** There is more than there was room for. */
  #isMore = false;
  /** Why what stays where it is, and was told. */
  readonly #told = new Set<string>();
  #wake: () => void = () => {};
  #closed = false;

  constructor(world: SegmentsWorld, dead: DeadWriters, segments: HeldSegments, listener: BacklogListener) {
    this.#world = world;
    this.#dead = dead;
    this.#segments = segments;
    this.#listener = listener;
  }

  /** Looks for what dead writers left, and reads it. Never rejects. */
  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#again = this.#running !== undefined;
    this.#running ??= this.#look().finally(() => {
      this.#running = undefined;
      if (this.#again) void this.look();
    });
    return this.#running;
  }

  /** There is more room than before. */
  roomFreed(): void {
    if (this.#isMore) void this.look();
  }

  /** Stops at the next chunk. Resolves when it has. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
  }

  async #look(): Promise<void> {
    this.#isMore = false;
    for (const folder of await this.#dead.folders()) {
      if (this.#isMore || this.#closed) return;
      await this.#readFolder(folder);
    }
  }

  async #readFolder(folder: string): Promise<void> {
    let names: string[];
    try {
      names = this.#world.disk.readdirSync(folder).sort();
    } catch (error) {
      this.#isTaken(folder, error);
      return;
    }
    let left = 0;
    for (const name of names) {
      const identity = parseSegmentName(name);
      if (identity === undefined) continue;
      if (!(await this.#readSegment(folder, name, identity))) left += 1;
      if (this.#isMore || this.#closed) return;
    }
    if (left === 0 && !this.#dead.remove(folder)) this.#world.kept.keep(folder, 'it has more than events');
  }

  /** @returns false where it stays where it is */
  async #readSegment(folder: string, name: string, identity: SegmentIdentity): Promise<boolean> {
    const path = `${folder}/${name}`;
    let scan: SegmentScan;
    try {
      scan = new SegmentScan(this.#world.disk, path, identity);
    } catch (error) {
      return this.#isTaken(path, error);
    }
    const segment = this.#take(path, name, identity, scan);
    if (segment === undefined) {
      scan.close();
      return false;
    }
    if (scan.isHeaderDamaged) segment.spoil();
    this.#segments.add(segment);
    const isWhole = await this.#readEvents(segment, scan);
    scan.close();
    this.#listener.pause();
    // A segment that was not read to its end is for the next process.
    if (isWhole) this.#segments.retire(segment);
    return true;
  }

  /** Makes a segment this writer's own. */
  #take(path: string, name: string, identity: SegmentIdentity, scan: SegmentScan): HeldSegment | undefined {
    const { disk, folder } = this.#world;
    if (scan.isForeign) {
      this.#tell(path, new Error(`it has format version ${scan.version}, this is ${segmentVersion}`));
      return undefined;
    }
    if (!this.#segments.hasRoomToAdopt(scan.size + (scan.acks?.length ?? 0))) {
      this.#isMore = true;
      return undefined;
    }
    let target: string;
    try {
      target = `${folder.openAdopted()}/${name}`;
      // One of the same name would be lost. It goes when its events are delivered.
      if (this.#exists(target)) return undefined;
      disk.renameSync(path, target);
    } catch (error) {
      this.#isTaken(path, error);
      return undefined;
    }
    this.#takeAcks(path, target, scan);
    return new HeldSegment(disk, new SegmentFile(disk, target), identity, scan.size, scan.acks?.length);
  }

  #takeAcks(path: string, target: string, { acks }: SegmentScan): void {
    const { disk } = this.#world;
    if (acks === undefined) return;
    try {
      disk.renameSync(acksPath(path), acksPath(target));
    } catch {
      // Another process saw no segment any more, and removed them. Without them events would be sent twice, no more.
      tolerate(() => {
        const file = privateFile(disk, acksPath(target), 'new');
        tolerate(() => disk.writeSync(file, acks, 0, acks.length, 0));
        disk.closeSync(file);
      });
    }
  }

  /** @returns false where it was stopped */
  async #readEvents(segment: HeldSegment, scan: SegmentScan): Promise<boolean> {
    while (!scan.readAcks()) {
      await new Promise<void>((resolve) => this.#world.clock.soon(resolve));
      if (this.#closed) return false;
    }
    for (let step = scan.next(); step !== undefined; step = scan.next()) {
      if (step === 'more') {
        this.#listener.pause();
        if (!(await this.#fill(segment, scan))) return false;
      } else if (step.tag === 'damage') {
        segment.spoil();
        this.#listener.lost(step.events);
      } else if (step.tag === 'event' && !step.isSettled) {
        segment.found();
        this.#listener.found(segment, step.record);
      }
    }
    return true;
  }

  /** Reads on. Goes round what a disk that is well otherwise cannot read. @returns false where it was stopped */
  async #fill({ file }: HeldSegment, scan: SegmentScan): Promise<boolean> {
    for (let tries = 1; !this.#closed; tries++) {
      try {
        await scan.fillSoon();
        return !this.#closed;
      } catch {
        if (tries >= maxTries && file.canBeOpened) {
          scan.fillAround();
          return true;
        }
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#world.clock.after(pauseMs, resolve);
      });
    }
    return false;
  }

  /** @throws what the disk throws */
  #exists(path: string): boolean {
    try {
      this.#world.disk.lstatSync(path);
      return true;
    } catch (error) {
      if (diskErrorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** @returns whether another process was faster; else it stays, and is tried again with the next look */
  #isTaken(path: string, error: unknown): boolean {
    if (diskErrorCode(error) === 'ENOENT') return true;
    this.#tell(path, error);
    return false;
  }

  #tell(path: string, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    // An ill disk is one thing, whatever cannot be read there.
    const matter = code ?? path;
    if (this.#told.has(matter)) return;
    this.#told.add(matter);
    const text = `channel.dir: ${path} stays where it is: ${(error as Error).message}`;
    this.#world.warn(new FlumeError('FLUME_NOTICE', text, { cause: error }));
  }
}
