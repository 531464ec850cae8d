// The outcome of a call, and the end of a connection: made once, here in rpc/, and passed up unchanged. Whoever sent the
// call decides by the tag.

import type { FlumeError } from '../errors.ts';

export type Outcome =
  /** The agent answered OK: it has the events. */
  | { readonly tag: 'accepted' }
  /** It answered FAILED, or another status: it has none of them, and the connection is as good as before. */
  | { readonly tag: 'refused'; readonly error: FlumeError }
  | Broken;

/** The connection ended before the answer came; `error.ackUnknown` says whether the agent may have the events. */
export interface Broken {
  readonly tag: 'broken';
  /**
   * `exception` the agent answered with one · `lost` the connection was closed · `timeout` no answer came · `nonsense` one
   * came that no Flume source gives · `given up` by this side, or not even sent
   */
  readonly how: 'exception' | 'lost' | 'timeout' | 'nonsense' | 'given up';
  /** The call was the oldest, so that the end may be its own doing; those behind it share its fate only. */
  readonly isOldest: boolean;
  readonly error: FlumeError;
}

/** How a connection ended. */
export interface End {
  /**
   * `unreachable` it never stood · `idle` it was closed with no call in flight · `broken` under a call · `given up` by this
   * side
   */
  readonly tag: 'unreachable' | 'idle' | 'broken' | 'given up';
  /** It had a call, which was not answered in time. */
  readonly isSilent: boolean;
  readonly error: FlumeError;
}
