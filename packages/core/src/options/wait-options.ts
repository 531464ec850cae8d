// How long a call of the embedded agent may take: the options of ready(), flush() and close().

import * as v from 'valibot';
import { checkOptions } from './option-check.ts';

export interface WaitOptions {
  /** Milliseconds to wait at most. @default the option of the agent that belongs to the call */
  readonly timeoutMs?: number | undefined;
}

/**
 * How long something may take, as `{ timeoutMs }` of a call.
 *
 * @param otherwise where it is not given
 * @throws FlumeError `ERR_FLUME_OPTION` where it is no number of milliseconds from 0 on
 */
export function waitMs(options: unknown, otherwise: number): number {
  const { timeoutMs } = checkOptions(waitSchema, options);
  return timeoutMs ?? otherwise;
}

const waitSchema = v.strictObject({
  timeoutMs: v.optional(
    v.custom<number>((value) => typeof value === 'number' && value >= 0, 'a number of milliseconds >= 0'),
  ),
});
