// Writes events behind each other into one segment after the other, and makes sure of them: where the next one goes, when
// the disk is told to keep what was written, and how long it is left alone after an error.

import { diskErrorCode, isOutOfRoom } from '../disk.ts';
import { FlumeError } from '../errors.ts';
import { syncFolder } from '../spool/folder.ts';
import type { DropReason } from '../stats.ts';
import type { ProtocolName } from '../thrift/protocol.ts';
import type { Place } from './event-range.ts';
import { HeldSegment } from './held-segment.ts';
import type { HeldSegments, SegmentsWorld } from './held-segments.ts';
import { headerBytes, segmentName, writeHeader } from './segment.ts';
import { SegmentFile } from './segment-file.ts';
import { SyncSchedule } from './sync-schedule.ts';
import type { Slot } from './write-window.ts';

export interface SegmentWriterOptions {
  readonly dir: string;
  readonly fsync: 'always' | 'interval' | 'never';
}

// How long the disk is left alone after an error.
const illMs = 1_000;
const outOfRoomMs = 20;

interface Illness {
  readonly reason: DropReason;
  readonly why: string;
  /** The disk is left alone until then. */
  readonly until: number;
  /** Writes work, but the disk does not say that it keeps them. */
  readonly isOfSync: boolean;
}

export class SegmentWriter {
  readonly #dir: string;
  readonly #protocol: ProtocolName;
  readonly #world: SegmentsWorld;
  readonly #segments: HeldSegments;
  readonly #schedule: SyncSchedule;
  #active: HeldSegment | undefined;
  #lastNumber = 0;
  #ill: Illness | undefined;
  /** Segments that no fdatasync has reached. */
  readonly #dirty = new Set<HeldSegment>();
  #isFolderDirty = false;

  constructor(
    { dir, fsync }: SegmentWriterOptions,
    protocol: ProtocolName,
    world: SegmentsWorld,
    segments: HeldSegments,
  ) {
    this.#dir = dir;
    this.#protocol = protocol;
    this.#world = world;
    this.#segments = segments;
    this.#schedule = new SyncSchedule(fsync, world.clock, () => this.#syncAll());
  }

  /** Why the last write failed, where it did. */
  get illness(): string | undefined {
    return this.#ill?.why;
  }

  /** Why the disk is left alone, since a write failed a moment ago. */
  get resting(): DropReason | undefined {
    return this.#ill !== undefined && this.#world.clock.now() < this.#ill.until ? this.#ill.reason : undefined;
  }

  /** For the last writes of a process: they are tried however short ago one failed, and where they will be found. */
  renew(): void {
    this.check();
    this.tryAgain();
  }

  /** The disk is tried at once, however short ago a write failed. */
  tryAgain(): void {
    if (this.#ill !== undefined) this.#ill = { ...this.#ill, until: 0 };
  }

  /** Where records of at most `bytes` can be encoded; or why nowhere. */
  slot(bytes: number): Slot | DropReason {
    const { resting } = this;
    if (resting !== undefined) return resting;
    const active = this.#active;
    if (active !== undefined && active.size + bytes > this.#segments.segmentBytes && active.size > headerBytes)
      this.#seal();
    try {
      this.#active ??= this.#create();
    } catch (error) {
      return this.#fail(error);
    }
    return this.#segments.window.slot(this.#active, bytes);
  }

  /** Writes the records in the slot, up to these ends. @returns where they are, or why they are not on disk */
  write({ buffer, at }: Slot, ends: readonly number[]): Place | DropReason {
    const segment = this.#active as HeldSegment;
    const bytes = (ends[ends.length - 1] as number) - at;
    const written = segment.append(buffer, at, ends);
    if ('error' in written) {
      // Nothing can be added behind half a record. And another file may work where this one does not: after a server's
      // restart, say.
      if (written.isTorn || !isOutOfRoom(written.error)) this.#seal();
      return this.#fail(written.error);
    }
    this.#segments.window.keep(bytes);
    this.#segments.grew(segment, bytes);
    this.#dirty.add(segment);
    this.#schedule.wrote();
    if (this.#ill?.isOfSync === false) this.#recovered();
    return written;
  }

  /** Frees the segment that is written to, where nothing in it is queued and it has so many bytes. @returns whether it did */
  reclaim(minBytes = 0): boolean {
    const active = this.#active;
    if (active === undefined || active.pending > 0 || active.size <= Math.max(minBytes, headerBytes)) return false;
    this.#seal();
    return true;
  }

  /** Makes the folder where it is missing, says to others that the writer lives, and sees whether somebody has deleted what it wrote. */
  check(): void {
    const { folder } = this.#world;
    if (!folder.touch() || this.#active?.file.isGone === true) {
      if (this.#active !== undefined) this.#seal();
      const why = 'its folder, or a file in it, was deleted; what was in it lasts no longer than this process';
      this.#world.warn(new FlumeError('ERR_FLUME_DISK', `channel.dir ${this.#dir}: ${why}`));
    }
    try {
      folder.open();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** All that was written before the call is on the platter, as far as the disk says. Never rejects */
  sync(): Promise<void> {
    return this.#schedule.now();
  }

  /** Nothing is written any more. What is put all the same, by a later listener of 'exit', gets a folder of its own. */
  leave(): void {
    this.#schedule.stop();
    if (this.#active !== undefined) this.#seal();
    this.#segments.close();
    this.#world.folder.release();
  }

  #create(): HeldSegment {
    const folder = this.#world.folder.open();
    const identity = {
      number: this.#lastNumber + 1,
      protocol: this.#protocol,
      salt: this.#world.randomBytes(4).readUInt32BE(0),
    };
    const { disk } = this.#world;
    let file: SegmentFile;
    try {
      file = SegmentFile.create(disk, `${folder}/${segmentName(identity)}`, writeHeader(identity, Date.now()));
    } catch (error) {
      // Somebody has deleted the folder: the next try makes a new one.
      if (diskErrorCode(error) === 'ENOENT') this.#world.folder.touch();
      throw error;
    }
    const segment = new HeldSegment(disk, file, identity);
    this.#lastNumber += 1;
    this.#isFolderDirty = true;
    this.#segments.add(segment);
    return segment;
  }

  /** Nothing is added to the segment any more. */
  #seal(): void {
    const active = this.#active as HeldSegment;
    this.#active = undefined;
    this.#segments.retire(active);
  }

  #fail(error: unknown, isOfSync = false): DropReason {
    const reason = isOutOfRoom(error) ? 'full' : 'disk';
    const why = `channel.dir ${this.#dir}: ${error instanceof Error ? error.message : String(error)}`;
    const { clock, warn } = this.#world;
    if (this.#ill === undefined) warn(new FlumeError('ERR_FLUME_DISK', why, { cause: error }));
    const restMs = isOfSync ? 0 : reason === 'full' ? outOfRoomMs : illMs;
    this.#ill = { reason, why, until: clock.now() + restMs, isOfSync };
    return reason;
  }

  #recovered(): void {
    if (this.#ill === undefined) return;
    this.#ill = undefined;
    this.#world.warn(new FlumeError('FLUME_RECOVERED', `channel.dir ${this.#dir}: takes events again`));
  }

  async #syncAll(): Promise<void> {
    this.check();
    // A segment whose events are all settled is deleted by now.
    const dirty = [...this.#dirty].filter((segment) => this.#segments.holds(segment));
    this.#dirty.clear();
    const errors = await Promise.all(dirty.map(({ file }) => file.sync()));
    for (const [at, error] of errors.entries()) {
      const segment = dirty[at] as HeldSegment;
      if (error === null || segment.file.isGone) continue;
      // Not for want of a descriptor: then it was not even tried.
      if (['EMFILE', 'ENFILE'].includes(diskErrorCode(error))) this.#dirty.add(segment);
      // The kernel may have dropped what it could not write, and say so only once: nothing more goes there.
      else if (segment === this.#active) this.#seal();
      this.#fail(error, true);
    }
    if (this.#dirty.size > 0) this.#schedule.wrote();
    if (dirty.length > 0 && errors.every((error) => error === null) && this.#ill?.isOfSync === true) this.#recovered();
    if (!this.#isFolderDirty) return;
    this.#isFolderDirty = false;
    const { disk, folder } = this.#world;
    // The folder itself is new too, the first time.
    await Promise.all([folder.path, folder.place].map((path) => syncFolder(disk, path)));
  }
}
