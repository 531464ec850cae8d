// The channel that the options name.

import type { Clock } from '../clock.ts';
import type { HeaderList } from '../event/flume-event.ts';
import type { ResolvedChannel } from '../options/channel-options.ts';
import type { Protocol } from '../thrift/protocol.ts';
import type { Channel, SpoolingChannel } from './channel.ts';
import { FileChannel, type FileChannelListener } from './file-channel.ts';
import { MemoryChannel } from './memory-channel.ts';
import { SpillableChannel } from './spillable-channel.ts';

export interface OpenChannel {
  readonly channel: Channel;
  /** The same, where its events outlive the process. */
  readonly spool: SpoolingChannel | undefined;
  /** The same, where they do so only if it is told in time. */
  readonly spillable: SpillableChannel | undefined;
}

export function openChannel(
  options: ResolvedChannel,
  protocol: Protocol,
  fixedHeaders: HeaderList,
  clock: Clock,
  listener: FileChannelListener,
): OpenChannel {
  if (options.type === 'memory') {
    const channel = new MemoryChannel(protocol, fixedHeaders, options, listener.settled);
    return { channel, spool: undefined, spillable: undefined };
  }
  if (options.type === 'spillable') {
    const spillable = new SpillableChannel(protocol, fixedHeaders, options, { clock }, listener);
    return { channel: spillable, spool: spillable, spillable };
  }
  const spool = new FileChannel(protocol, fixedHeaders, options, { clock }, listener);
  return { channel: spool, spool, spillable: undefined };
}
