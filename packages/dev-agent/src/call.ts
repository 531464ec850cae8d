// Events as they arrive, and the calls that bring them.

export interface ReceivedEvent {
  headers: Record<string, string>;
  body: Buffer;
}

export type Method = 'append' | 'appendBatch';

/** One call as a script sees it. */
export interface Call {
  readonly method: Method;
  readonly seqid: number;
  /** Which connection brought it: 1 is the agent's first. */
  readonly connection: number;
  readonly events: readonly ReceivedEvent[];
}

/** One call as it is remembered: without its events. */
export interface CallRecord {
  readonly method: Method;
  /** How many events it carried. */
  readonly count: number;
  readonly seqid: number;
  readonly connection: number;
}
