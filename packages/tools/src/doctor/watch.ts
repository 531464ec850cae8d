// Empty batches, one after the other on one connection: how fast an agent answers, and when it does not.

import { setTimeout as delay } from 'node:timers/promises';
import { FlumeClient, FlumeError } from 'flume-thrift-client';
import type { ClientOptions } from './examination.ts';
import { ms } from './probe.ts';
import { median } from './report.ts';

export interface WatchManner {
  readonly intervalMs: number;
  /** Infinity: until the signal. */
  readonly count: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  readonly json: boolean;
}

/** @returns whether each was answered */
export async function watch(
  name: string,
  host: string,
  port: number,
  options: ClientOptions,
  manner: WatchManner,
): Promise<boolean> {
  const { intervalMs, count, signal, print, json } = manner;
  const client = new FlumeClient({ ...options, host, port });
  const answered: number[] = [];
  let failed = 0;
  for (let n = 0; n < count && !signal.aborted; n += 1) {
    if (n > 0) await delay(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const at = new Date().toISOString();
    const began = performance.now();
    try {
      await client.ping({ signal });
      const took = performance.now() - began;
      answered.push(took);
      print(json ? JSON.stringify({ at, ms: round(took) }) : `${at}  ${ms(took)}`);
    } catch (error) {
      if (!(error instanceof FlumeError)) throw error;
      if (signal.aborted) break;
      failed += 1;
      print(json ? JSON.stringify({ at, error: error.message }) : `${at}  ${error.message}`);
    }
  }
  await client.close();
  const [least, most] = [Math.min(...answered), Math.max(...answered)];
  if (json) {
    const times =
      answered.length === 0 ? {} : { leastMs: round(least), medianMs: round(median(answered)), mostMs: round(most) };
    print(JSON.stringify({ name, answered: answered.length, failed, ...times }));
  } else {
    const times = answered.length === 0 ? '' : `: ${ms(least)} to ${ms(most)}, median ${ms(median(answered))}`;
    print(`${name}  ${answered.length} answered, ${failed} not${times}`);
  }
  return failed === 0;
}

const round = (time: number): number => Math.round(time * 100) / 100;
