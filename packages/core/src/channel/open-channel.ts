// The channel that the options name: a ledger, and the store that they ask for.

import type { HeaderList } from '../event/flume-event.ts';
import type { ResolvedChannel } from '../options/channel-options.ts';
import { FileStore, type FileStoreListener, type FileStoreWorld } from '../store/file-store.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import type { Protocol } from '../thrift/protocol.ts';
import { Channel } from './channel.ts';
import { Ledger, type SettledListener } from './ledger.ts';
import { Persistence } from './persistence.ts';
import { SpillStore } from './spill-store.ts';

export interface OpenChannel {
  readonly channel: Channel;
  readonly persistence: Persistence;
  /** Its stores, as far as it has these: what they do besides is for tests to see. */
  readonly file: FileStore | undefined;
  readonly spill: SpillStore | undefined;
}

export interface ChannelListener extends Omit<FileStoreListener, 'leaving'> {
  readonly settled: SettledListener;
}

export function openChannel(
  protocol: Protocol,
  fixedHeaders: HeaderList,
  options: ResolvedChannel,
  world: FileStoreWorld,
  listener: ChannelListener,
): OpenChannel {
  const ledger = new Ledger(listener.settled);
  const memory = options.type === 'file' ? undefined : new MemoryStore(protocol, fixedHeaders, options, ledger);
  const ending = { ...listener, leaving: () => spill?.spill() };
  const file =
    options.type === 'memory' ? undefined : new FileStore(protocol, fixedHeaders, options, world, ledger, ending);
  const spill: SpillStore | undefined = memory && file && new SpillStore(memory, file, ledger, world.clock);
  const store = (spill ?? memory ?? file) as Store;
  const channel = new Channel(ledger, store, { whenFull: options.whenFull, protocol, fixedHeaders });
  return { channel, persistence: new Persistence(channel, file, spill), file, spill };
}
