// The file of a segment: open while it is used, and written to all or nothing.

import { type Disk, diskErrorCode, isRemoved, tolerate } from '../disk.ts';
import { privateFile, readableFile } from '../private-file.ts';

export class SegmentFile {
  readonly path: string;
  readonly #disk: Disk;
  readonly #isOwn: boolean;
  #handle: number | undefined;
  #syncing = 0;
  #toClose: number | undefined;

  /** @param isOwn it may be written to */
  constructor(disk: Disk, path: string, isOwn = false) {
    this.#disk = disk;
    this.path = path;
    this.#isOwn = isOwn;
  }

  /** A new one that begins with these bytes. @throws what the disk throws */
  static create(disk: Disk, path: string, bytes: Buffer): SegmentFile {
    const file = new SegmentFile(disk, path, true);
    file.#handle = privateFile(disk, path, 'new');
    try {
      file.#writeAll(bytes, 0, bytes.length, 0);
    } catch (error) {
      file.remove();
      throw error;
    }
    return file;
  }

  /** Its descriptor: it is opened where it is not. @throws what the disk throws */
  get handle(): number {
    this.#handle ??= this.#isOwn ? privateFile(this.#disk, this.path, 'old') : readableFile(this.#disk, this.path);
    return this.#handle;
  }

  /** The file is no longer where it was: somebody has deleted it. */
  get isGone(): boolean {
    try {
      this.#disk.lstatSync(this.path);
      return false;
    } catch (error) {
      return diskErrorCode(error) === 'ENOENT';
    }
  }

  /** The disk gives the file, whatever is in it. */
  get canBeOpened(): boolean {
    this.close();
    try {
      return this.handle >= 0;
    } catch {
      return false;
    }
  }

  /** As many bytes as there are, `length` at most. @throws what the disk throws */
  read(position: number, length: number): Buffer {
    // Not reused: views of it are in flight.
    const buffer = Buffer.allocUnsafeSlow(length);
    const { handle } = this;
    let filled = 0;
    for (let read = -1; filled < length && read !== 0; filled += read) {
      read = this.#disk.readSync(handle, buffer, filled, length - filled, position + filled);
    }
    return buffer.subarray(0, filled);
  }

  /**
   * Writes the bytes from `at` to `end` at the end of the file, which is at `position`.
   *
   * @returns what the disk throws, if it does: then nothing was written, or, where `isTorn`, half of it stays
   */
  append(bytes: Buffer, at: number, end: number, position: number): { error: unknown; isTorn: boolean } | undefined {
    try {
      this.#writeAll(bytes, at, end - at, position);
      return undefined;
    } catch (error) {
      try {
        this.#disk.ftruncateSync(this.handle, position);
        return { error, isTorn: false };
      } catch {
        return { error, isTorn: true };
      }
    }
  }

  /** Puts on the platter what was written. @returns the error, after which this must not be tried again. Never rejects */
  sync(): Promise<Error | null> {
    let handle: number;
    try {
      ({ handle } = this);
    } catch (error) {
      return Promise.resolve(error as Error);
    }
    this.#syncing += 1;
    return new Promise((resolve) => {
      const done = (error: Error | null): void => {
        this.#syncing -= 1;
        // A file that was closed meanwhile would have lent its number to another one.
        if (this.#syncing === 0 && this.#toClose !== undefined) this.#closeHandle(this.#toClose);
        resolve(error);
      };
      try {
        this.#disk.fdatasync(handle, done);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  /** Closes it. It opens again when it is needed. */
  close(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    if (this.#syncing > 0) this.#toClose = handle;
    else this.#closeHandle(handle);
  }

  /** @returns false where the disk keeps it */
  remove(): boolean {
    this.close();
    return isRemoved(this.#disk, this.path);
  }

  #closeHandle(handle: number): void {
    this.#toClose = undefined;
    tolerate(() => this.#disk.closeSync(handle));
  }

  #writeAll(bytes: Buffer, at: number, length: number, position: number): void {
    const { handle } = this;
    for (let done = 0; done < length; ) {
      const written = this.#disk.writeSync(handle, bytes, at + done, length - done, position + done);
      // Never seen, but it would be an endless loop.
      if (written === 0) throw Object.assign(new Error('the disk wrote nothing'), { code: 'EIO' });
      done += written;
    }
  }
}
