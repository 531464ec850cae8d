// How long to wait after a failure: exponential, with full jitter, so that many clients do not come back together.

import type { Random } from '../clock.ts';

export interface BackoffOptions {
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** The wait after the `failures`-th failure in a row (1, 2, …), in milliseconds: anything up to the exponential bound. */
export function backoffMs(options: BackoffOptions, failures: number, random: Random): number {
  // 2^31 is beyond every maxDelayMs that the options allow.
  const bound = Math.min(options.maxDelayMs, options.initialDelayMs * 2 ** Math.min(failures - 1, 31));
  return random() * bound;
}
