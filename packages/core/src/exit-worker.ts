// The worker thread of a process that ends: delivers what an embedded agent's memory still had, by the ordinary parts.

import { workerData } from 'node:worker_threads';
import { EmbeddedAgent } from './embedded-agent.ts';
import type { ResolvedDelivery } from './options/delivery-options.ts';
import type { DeadParcel, ExitJob, ExitParcel, ExitReceipt, ExitWorkerData } from './process/exit-delivery.ts';
import { thrownText } from './shown-value.ts';
import { protocolNamed } from './thrift/protocols.ts';
import { Reader } from './thrift/reply.ts';

// The worker's input and its answer.
export type { ExitJob, ExitReceipt, ExitWorkerData } from './process/exit-delivery.ts';

/** One embedded agent of the thread that ends, taken over. */
class Heir {
  readonly #id: number;
  readonly #agent: EmbeddedAgent;
  readonly #options: ResolvedDelivery;
  readonly #dead: DeadParcel[] = [];
  #before = { delivered: 0, dropped: {} as ExitReceipt['dropped'] };

  constructor({ id, options, wantsDead }: ExitParcel) {
    this.#id = id;
    const given = options as ResolvedDelivery;
    this.#options = {
      ...given,
      // Its events are whole already: they are neither counted out again nor changed.
      channel: { type: 'memory', capacity: Number.MAX_SAFE_INTEGER, byteCapacity: 2 ** 31, whenFull: 'drop-newest' },
      headers: {},
      compress: undefined,
      eventId: false,
      lingerMs: 0,
      exitTimeoutMs: 0,
      ...(wantsDead && {
        deadLetter: ({ headers, body }, reason) => this.#dead.push({ reason, headers, body }),
      }),
    };
    this.#agent = new EmbeddedAgent(undefined, { inherited: this.#options });
    this.#agent.on('warning', () => {});
  }

  take({ batches }: ExitParcel): void {
    const protocol = protocolNamed(this.#options.protocol);
    for (const { count, bytes } of batches) {
      const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      for (let read = 0; read < count; read++) this.#agent.put(protocol.readEvent(reader));
    }
  }

  /** The fate of its events since the last time. */
  async deliver(timeoutMs: number): Promise<ExitReceipt> {
    await this.#agent.flush({ timeoutMs });
    const { delivered, dropped, queued, agents } = this.#agent.stats();
    const before = this.#before;
    this.#before = { delivered, dropped };
    const lost = Object.entries(dropped).map(([reason, count]) => [
      reason,
      count - (before.dropped[reason as never] ?? 0),
    ]);
    const failed = agents.find(({ lastError }) => lastError !== undefined);
    const why = failed?.lastError ?? `Flume agent ${agents[0]?.name}: no answer yet`;
    return {
      id: this.#id,
      delivered: delivered - before.delivered,
      dropped: Object.fromEntries(lost.filter(([, count]) => count !== 0)) as ExitReceipt['dropped'],
      dead: this.#dead.splice(0),
      why: queued.events === 0 ? undefined : why,
    };
  }
}

const { port, done } = workerData as ExitWorkerData;
const heirs = new Map<number, Heir>();

port.on('message', (job: ExitJob) => void answer(job));

async function answer({ parcels, endMs }: ExitJob): Promise<void> {
  port.postMessage(await Promise.all(parcels.map((parcel) => served(parcel, endMs))));
  Atomics.add(done, 0, 1);
  Atomics.notify(done, 0);
}

/** A parcel that goes wrong costs no other, and nobody waits for it. */
async function served(parcel: ExitParcel, endMs: number): Promise<ExitReceipt> {
  try {
    const heir = heirs.get(parcel.id) ?? new Heir(parcel);
    heirs.set(parcel.id, heir);
    heir.take(parcel);
    return await heir.deliver(Math.max(0, endMs - Date.now()));
  } catch (error) {
    return { id: parcel.id, delivered: 0, dropped: {}, dead: [], why: thrownText(error) };
  }
}
