// One marked event, stored by the agent and sent on by its sinks: a full channel shows itself by it alone.

import { hostname } from 'node:os';
import { FlumeClient, FlumeError } from 'flume-thrift-client';
import { type ClientOptions, named, type Place } from './examination.ts';
import type { Finding } from './finding.ts';

export interface ProbeReport {
  readonly fact?: string;
  readonly findings: readonly Finding[];
}

export const probeHeader = 'flume-doctor';

export async function probe({ host, address, port }: Place, options: ClientOptions): Promise<ProbeReport> {
  const client = new FlumeClient(named(options, host, { host: address, port }));
  const timestamp = String(Date.now());
  const headers = { [probeHeader]: 'probe', timestamp, host: hostname() };
  const began = performance.now();
  try {
    await client.append({ headers, body: `flume-doctor: a probe of ${new Date().toISOString()}` });
    return {
      fact: `stored one event, marked by the header ${probeHeader}, in ${ms(performance.now() - began)}`,
      findings: [],
    };
  } catch (error) {
    if (!(error instanceof FlumeError)) throw error;
    if (error.code !== 'ERR_FLUME_FAILED') return { findings: [{ what: `the probe: ${error.message}` }] };
    return {
      findings: [
        {
          what: `it refuses an event (FAILED after ${ms(performance.now() - began)}), and takes an empty batch`,
          causes: [
            'its channel is full, where that takes as long as its keep-alive: --metrics shows how full, and the sink is to blame',
            'a channel with an error of its own, where it comes at once: its log, and the disk of a file channel',
          ],
        },
      ],
    };
  } finally {
    await client.close();
  }
}

export const ms = (time: number): string => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
