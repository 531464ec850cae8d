// Numbered events that are put into a client, and what of them comes out of a Flume agent, however many times each.
import assert from 'node:assert/strict';
import type { EmbeddedAgent, FlumeEvent } from 'flume-thrift-client';
import { type DevAgent, type ReceivedEvent, startDevAgent } from '../../packages/dev-agent/src/index.ts';

/** The event of a number; its body proves that nothing was mixed up. */
export function numberedEvent(id: number): FlumeEvent & { body: string } {
  return { headers: { id: `${id}` }, body: `event ${id} ${'.'.repeat(id % 200)}` };
}

/** A dev agent as the next hop of one or several Flume agents. */
export class Arrivals {
  readonly #copies = new Map<number, number>();
  #agent: DevAgent | undefined;
  #unexpected: string | undefined;
  #arrived = () => {};

  /** @param port default: a free one */
  async listen(port = 0): Promise<void> {
    this.#agent = await startDevAgent({ port, keepEvents: 0, onEvent: (event) => this.#take(event) });
  }

  get port(): number {
    assert.ok(this.#agent !== undefined);
    return this.#agent.port;
  }

  /** How many different events have come. */
  get count(): number {
    return this.#copies.size;
  }

  /** How many came more than once, each further time counted. */
  get duplicates(): number {
    return [...this.#copies.values()].reduce((sum, copies) => sum + copies - 1, 0);
  }

  /** Resolves when the first `total` events have all come; rejects when that takes too long, and when others came. */
  async all(total: number, timeoutMs = 30_000): Promise<void> {
    const isDone = () => this.#unexpected !== undefined || this.count >= total;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#arrived = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#arrived();
    });
    assert.equal(this.#unexpected, undefined);
    const missing = Array.from({ length: total }, (_, id) => id).filter((id) => !this.#copies.has(id));
    assert.deepEqual({ missing: missing.length, first: missing.slice(0, 10) }, { missing: 0, first: [] });
    assert.equal(this.count, total);
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }

  #take({ headers, body }: ReceivedEvent): void {
    const id = Number(headers.id);
    if (body.toString() !== numberedEvent(id).body) this.#unexpected ??= `${headers.id}: ${body}`;
    this.#copies.set(id, (this.#copies.get(id) ?? 0) + 1);
    this.#arrived();
  }
}

/** Puts numbered events into a client. */
export class Load {
  readonly #client: EmbeddedAgent;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(client: EmbeddedAgent) {
    this.#client = client;
  }

  /** How many events were put so far. */
  get count(): number {
    return this.#count;
  }

  put(count: number): void {
    for (let n = 0; n < count; n += 1) assert.ok(this.#client.put(numberedEvent(this.#count++)));
  }

  /** Keeps the client's channel filled, so that there is always something to send. */
  start(): void {
    this.#timer = setInterval(() => this.put(500 - this.#client.stats().queued.events), 2);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
