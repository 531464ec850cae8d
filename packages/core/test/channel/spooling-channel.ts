// A channel whose events outlive the process, with what belongs to it in one object.

import type { Channel, Transaction } from '../../src/channel/channel.ts';
import { type ChannelListener, openChannel } from '../../src/channel/open-channel.ts';
import type { SpillStore } from '../../src/channel/spill-store.ts';
import type { HeaderList } from '../../src/event/flume-event.ts';
import type { ResolvedChannel } from '../../src/options/channel-options.ts';
import type { DropReason } from '../../src/stats.ts';
import type { FileStore, FileStoreWorld } from '../../src/store/file-store.ts';
import type { Protocol } from '../../src/thrift/protocol.ts';

/** A channel as the sink sees it. */
export type ChannelFace = Pick<Channel, Exclude<keyof Channel, 'recall' | 'takeFleeting'>>;

export type SpoolingOptions = Exclude<ResolvedChannel, { type: 'memory' }>;

export class SpoolingChannel implements ChannelFace {
  readonly #channel: Channel;
  readonly #file: FileStore;
  readonly #spill: SpillStore | undefined;

  constructor(
    protocol: Protocol,
    headers: HeaderList,
    options: SpoolingOptions,
    world: FileStoreWorld,
    to: ChannelListener,
  ) {
    const { channel, file, spill } = openChannel(protocol, headers, options, world, to);
    this.#channel = channel;
    this.#file = file as FileStore;
    this.#spill = spill;
  }

  get availableEvents(): number {
    return this.#channel.availableEvents;
  }
  get availableBytes(): number {
    return this.#channel.availableBytes;
  }
  get returnedEvents(): number {
    return this.#channel.returnedEvents;
  }
  get queuedEvents(): number {
    return this.#channel.queuedEvents;
  }
  get queuedBytes(): number {
    return this.#channel.queuedBytes;
  }
  get next(): Channel['next'] {
    return this.#channel.next;
  }
  get tail(): number {
    return this.#channel.tail;
  }
  get recovered(): number {
    return this.#file.recovered;
  }
  get spooledEvents(): number {
    return this.#file.queued.count;
  }
  get spooledBytes(): number {
    return this.#file.queued.bytes;
  }
  get illness(): string | undefined {
    return this.#spill?.illness;
  }

  put(headers: HeaderList, body: string | Uint8Array, low: boolean): DropReason | undefined {
    return this.#channel.put(headers, body, low);
  }
  take(maxEvents: number, maxBytes: number): Transaction | undefined {
    return this.#channel.take(maxEvents, maxBytes);
  }
  outage(isOn: boolean): void {
    this.#spill?.outage(isOn);
  }
  spill(): void {
    this.#spill?.spill();
  }
  recover(): Promise<void> {
    return this.#file.look();
  }
  sync(): Promise<void> {
    return this.#file.sync();
  }
  close(): Promise<void> {
    return this.#file.close();
  }
  leave(): void {
    this.#file.leave();
  }
}
