// How large a frame may be.

/** Flume closes the connection without an answer above this payload: it is libthrift's limit for a framed message. */
export const maxFrameBytes = 16_384_000;

/** The encoded events of one call at most: head and tail of a call take less than 64 bytes. */
export const maxPayloadBytes = maxFrameBytes - 64;
