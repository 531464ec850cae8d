// The same exchange for every server: what our client sends, and what the server has to have received, byte for byte.
import type { FlumeClient } from '../../packages/core/src/index.ts';

export interface SentEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As a server reports it: the hex of the bytes. */
export interface ReceivedEvent {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface ReceivedCall {
  readonly method: string;
  readonly events: readonly ReceivedEvent[];
}

const hex = (bytes: string | Uint8Array) => Buffer.from(bytes as string).toString('hex');

const single: SentEvent = { headers: { a: 'hello' }, body: Buffer.from('world') };

const special: readonly SentEvent[] = [
  { headers: {}, body: Buffer.alloc(0) },
  {
    headers: { '': '', ключ: '値', emoji: '😀 é €', 'a"b\\c/d': '\u0000\t\n\u001f\u007f\u2028' },
    body: Buffer.from('é € 😀\n'),
  },
  // A lone surrogate travels as U+FFFD.
  { headers: { 'lone \ud800': '\udc00 surrogate' }, body: Buffer.from('\\u0041') },
  { headers: { long: 'x'.repeat(20_000) }, body: Buffer.from(Uint8Array.from({ length: 256 }, (_, value) => value)) },
  // More than 127 headers: their number takes two bytes in compact.
  {
    headers: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`h${n}`, `${n}`])),
    body: Buffer.alloc(20_000, 7),
  },
];

// Bodies of every length from 0, so that each rest of a base64 group occurs.
const batch: readonly SentEvent[] = [
  ...special,
  ...Array.from({ length: 100 - special.length }, (_, n) => ({ headers: { n: `${n}` }, body: Buffer.alloc(n, n) })),
];

const inFlight: readonly SentEvent[] = Array.from({ length: 5 }, (_, n) => ({
  headers: { flight: `${n}` },
  body: Buffer.from(`event ${n}`),
}));

/** The calls that `converse` makes. */
export const expectedCalls: readonly ReceivedCall[] = [
  { method: 'appendBatch', events: [] },
  { method: 'append', events: [received(single)] },
  { method: 'appendBatch', events: batch.map(received) },
  ...inFlight.map((event) => ({ method: 'append', events: [received(event)] })),
];

/** A ping, an append, a batch of 100, and five calls in flight at once. */
export async function converse(client: FlumeClient): Promise<void> {
  await client.ping();
  await client.append(single);
  await client.appendBatch(batch);
  await Promise.all(inFlight.map((event) => client.append(event)));
}

export function received({ headers, body }: SentEvent): ReceivedEvent {
  return { headers: Object.entries(headers).map(([name, value]) => [hex(name), hex(value)]), body: hex(body) };
}

/** The first difference in words, or undefined. The order of headers is free: Java keeps them in a hash map. */
export function difference(expected: readonly ReceivedCall[], arrived: readonly ReceivedCall[]): string | undefined {
  for (const [index, { method, events }] of expected.entries()) {
    const call = arrived[index];
    if (call === undefined) return `${arrived.length} calls instead of ${expected.length}`;
    if (call.method !== method) return `call ${index}: ${call.method} instead of ${method}`;
    const inEvents = eventDifference(events, call.events);
    if (inEvents !== undefined) return `call ${index}, ${inEvents}`;
  }
  return arrived.length > expected.length ? `${arrived.length} calls instead of ${expected.length}` : undefined;
}

/** As `difference`, where only events are known and not the calls that brought them. */
export function eventDifference(
  expected: readonly ReceivedEvent[],
  arrived: readonly ReceivedEvent[],
): string | undefined {
  if (arrived.length !== expected.length) return `${arrived.length} events instead of ${expected.length}`;
  for (const [index, event] of expected.entries()) {
    const [want, got] = [text(event), text(arrived[index] as ReceivedEvent)];
    if (want === got) continue;
    let at = 0;
    while (want[at] === got[at]) at += 1;
    const near = (all: string) => all.slice(Math.max(0, at - 20), at + 40);
    return `event ${index}: …${near(got)}… instead of …${near(want)}…`;
  }
  return undefined;
}

const text = ({ headers, body }: ReceivedEvent) =>
  `headers ${headers
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ')} body ${body}`;
