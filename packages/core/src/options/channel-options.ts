// Where events wait: the options of the channels, checked and completed.

import * as v from 'valibot';
import { integer, oneOf, pathOf, wrongOption } from './option-check.ts';

/** Where events wait: in memory, in files, or in files where memory does not do. */
export type ChannelOptions = MemoryChannelOptions | FileChannelOptions | SpillableChannelOptions;

/** The memory channel: lost with the process, bounded by events and by bytes. */
export interface MemoryChannelOptions {
  /** The memory channel. @default 'memory' */
  type?: 'memory' | undefined;
  /** Most events, those in flight included. @default 100000 */
  capacity?: number | undefined;
  /** Most encoded bytes, those in flight included. @default 67108864 (64 MiB) */
  byteCapacity?: number | undefined;
  /** The events that give way when the channel is full. @default 'drop-newest' */
  whenFull?: WhenFull | undefined;
}

/** The file channel: an event is in a file before `put()` returns true, and outlives the process. */
export interface FileChannelOptions {
  /** The file channel. */
  type: 'file';
  /**
   * The folder of the spool. Any number of agents and processes may share it: each writes in a folder of its own there, and
   * what a dead one left is adopted by a living one.
   */
  dir: string;
  /** Most bytes on disk, for each agent. @default 1073741824 (1 GiB) */
  maxBytes?: number | undefined;
  /** Bytes that the file system keeps for others: with less, the channel is full. @default 67108864 (64 MiB) */
  minFreeBytes?: number | undefined;
  /**
   * When the disk is told to keep what was written, which matters when the machine stops and not when the process does:
   * `'always'` at the end of each turn of the event loop that put events, `'interval'` within 500 ms, `'never'` as the
   * operating system likes. @default 'interval'
   */
  fsync?: 'always' | 'interval' | 'never' | undefined;
  /** The events that give way when the channel is full. @default 'drop-newest' */
  whenFull?: WhenFull | undefined;
}

/**
 * The spillable channel: in memory as long as there is room and some agent works, else in files; what memory holds goes to
 * files when the agents fail and when the process ends, unless it is killed.
 */
export interface SpillableChannelOptions extends Omit<MemoryChannelOptions, 'type'>, Omit<FileChannelOptions, 'type'> {
  /** The spillable channel. */
  type: 'spillable';
}

/**
 * The events that give way when the channel is full: `'drop-newest'` refuses the new event, `'drop-oldest'` gives up the
 * oldest that are not in flight, `'drop-low'` refuses events below `warn` from 80 % on. @default 'drop-newest'
 */
export type WhenFull = 'drop-newest' | 'drop-oldest' | 'drop-low';

/** `ChannelOptions`, resolved. */
export type ResolvedChannel =
  | Complete<MemoryChannelOptions>
  | Complete<FileChannelOptions>
  | Complete<SpillableChannelOptions>;

/** Options with every default filled in. */
export type Complete<Options> = Readonly<Required<{ [Key in keyof Options]: NonNullable<Options[Key]> }>>;

// One schema for all types, so that a misspelt name is met with the nearest one.
export const channelSchema = v.optional(
  v.strictObject({
    type: v.optional(oneOf('memory', 'file', 'spillable'), 'memory'),
    capacity: v.optional(integer(1)),
    byteCapacity: v.optional(integer(1)),
    dir: v.optional(pathOf("a folder's path")),
    maxBytes: v.optional(integer(64 * 1024)),
    minFreeBytes: v.optional(integer(0)),
    fsync: v.optional(oneOf('always', 'interval', 'never')),
    whenFull: v.optional(oneOf('drop-newest', 'drop-oldest', 'drop-low')),
  }),
  {},
);

/** @throws FlumeError `ERR_FLUME_OPTION` naming the option */
export function completeChannel(checked: v.InferOutput<typeof channelSchema>): ResolvedChannel {
  const { type, whenFull = 'drop-newest', capacity, byteCapacity, ...file } = checked;
  const foreign = { ...(type === 'memory' && file), ...(type === 'file' && { capacity, byteCapacity }) };
  const [name] = Object.entries(foreign).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw wrongOption(`channel.${name}`, `expected none with type '${type}'`);
  const inMemory = { capacity: capacity ?? 100_000, byteCapacity: byteCapacity ?? 64 * 1024 * 1024 };
  if (type === 'memory') return { type, ...inMemory, whenFull };
  const { dir, maxBytes = 1024 ** 3, minFreeBytes = 64 * 1024 * 1024, fsync = 'interval' } = file;
  if (dir === undefined) throw wrongOption('channel.dir', "expected a folder's path, got undefined");
  const onDisk = { dir, maxBytes, minFreeBytes, fsync };
  return type === 'file' ? { type, ...onDisk, whenFull } : { type, ...inMemory, ...onDisk, whenFull };
}
