// One Flume agent in numbers, as measured on real ones: see `measured-agent.json`, where each says which run it comes from.

import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface MeasuredAgent {
  /** From when a thread takes a batch until it has answered, by the number of its events; linear in between. */
  readonly service: readonly { readonly events: number; readonly ms: number }[];
  readonly cores: number;
  /** Of a plain source, for the batches of all its connections. */
  readonly threads: number;
  /** Of a source with TLS or Kerberos, where each connection has one to itself. */
  readonly secureThreads: number;
  readonly acceptMs: number;
  /** Connections that wait for it; beyond that the kernel lets the first packet of one fall. */
  readonly acceptQueue: number;
  readonly secureAcceptQueue: number;
  readonly tlsHandshakeMs: number;
  readonly kerberosHandshakeMs: number;
  /** What a KDC needs for one ticket. */
  readonly kdcMs: number;
  /** Of its memory channel, in events. */
  readonly channelCapacity: number;
  readonly transactionCapacity: number;
  /** How long a batch waits for room before it is answered with FAILED. */
  readonly keepAliveMs: number;
  /** What its sink takes from the channel. */
  readonly drainEventsPerSecond: number;
  /** From when it is killed until it listens again. */
  readonly restartMs: number;
}

interface Entry {
  readonly value: number;
  readonly source: string;
}

type File = { readonly service: { readonly points: MeasuredAgent['service'] } } & Readonly<Record<string, Entry>>;

export function measuredAgent(): MeasuredAgent {
  const file = JSON.parse(readFileSync(path.join(import.meta.dirname, 'measured-agent.json'), 'utf8')) as File;
  const number = (name: string): number => {
    const value = file[name]?.value;
    if (typeof value !== 'number') throw new Error(`fleet/measured-agent.json: ${name}.value is no number`);
    return value;
  };
  return {
    service: file.service.points,
    cores: number('cores'),
    threads: number('threads'),
    secureThreads: number('secureThreads'),
    acceptMs: number('acceptMs'),
    acceptQueue: number('acceptQueue'),
    secureAcceptQueue: number('secureAcceptQueue'),
    tlsHandshakeMs: number('tlsHandshakeMs'),
    kerberosHandshakeMs: number('kerberosHandshakeMs'),
    kdcMs: number('kdcMs'),
    channelCapacity: number('channelCapacity'),
    transactionCapacity: number('transactionCapacity'),
    keepAliveMs: number('keepAliveMs'),
    drainEventsPerSecond: number('drainEventsPerSecond'),
    restartMs: number('restartMs'),
  };
}

/** Milliseconds of a core for a batch. */
export function serviceMs({ service }: MeasuredAgent, events: number): number {
  const [first] = service;
  if (first === undefined || events <= first.events) return first?.ms ?? 0;
  for (let at = 1; at < service.length; at++) {
    const from = service[at - 1] as MeasuredAgent['service'][number];
    const to = service[at] as MeasuredAgent['service'][number];
    if (events > to.events && at < service.length - 1) continue;
    return from.ms + ((events - from.events) * (to.ms - from.ms)) / (to.events - from.events);
  }
  return first.ms;
}
