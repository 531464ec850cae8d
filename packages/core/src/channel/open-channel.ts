// The channel that the options name.

import type { Clock } from '../clock.ts';
import type { HeaderList } from '../event/flume-event.ts';
import type { ResolvedChannel } from '../options/channel-options.ts';
import type { Protocol } from '../thrift/protocol.ts';
import type { Channel, SpoolingChannel } from './channel.ts';
import { FileChannel, type FileChannelListener } from './file-channel.ts';
import { MemoryChannel } from './memory-channel.ts';

export interface OpenChannel {
  readonly channel: Channel;
  /** The same, where its events outlive the process. */
  readonly spool: SpoolingChannel | undefined;
}

export function openChannel(
  options: ResolvedChannel,
  protocol: Protocol,
  fixedHeaders: HeaderList,
  clock: Clock,
  listener: FileChannelListener,
): OpenChannel {
  if (options.type === 'memory') {
    return { channel: new MemoryChannel(protocol, fixedHeaders, options, listener.settled), spool: undefined };
  }
  const spool = new FileChannel(protocol, fixedHeaders, options, { clock }, listener);
  return { channel: spool, spool };
}
