// Delivery after the event loop's last turn: what memory still has goes to a worker thread, which delivers it while this
// thread waits for it, and what became of it comes back. Measured: 31 to 132 ms for 1 MB to a near agent, Node 20 to 26.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { DropReason } from '../stats.ts';

/** The events that one embedded agent gives away. All of it is plain data. */
export interface ExitParcel {
  /** Whose it is; the same at a second time. */
  readonly id: number;
  /** Resolved delivery options, without a function. */
  readonly options: object;
  /** Encoded events, so many in each, in order. */
  readonly batches: readonly { readonly count: number; readonly bytes: Uint8Array }[];
  /** Events that are given up are wanted back, for a function that could not come along. */
  readonly wantsDead: boolean;
}

/** The fate of a parcel. */
export interface ExitReceipt {
  readonly id: number;
  readonly delivered: number;
  readonly dropped: Partial<Record<DropReason, number>>;
  readonly dead: readonly DeadParcel[];
  /** Why the rest was not delivered, where it is known. */
  readonly why: string | undefined;
}

export interface DeadParcel {
  readonly reason: DropReason;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The worker's input: one job after the other, each answered by a list of receipts. */
export interface ExitJob {
  readonly parcels: readonly ExitParcel[];
  /** Milliseconds since the epoch, when nobody waits any more. */
  readonly endMs: number;
}

export interface ExitWorkerData {
  readonly port: MessagePort;
  /** One cell: the jobs that are done. */
  readonly done: Int32Array;
}

// For the answer of a worker that has used all of its time.
const graceMs = 250;

interface Running {
  readonly port: MessagePort;
  readonly done: Int32Array;
}

let running: Running | undefined;

/**
 * Delivers from a worker thread, and blocks this one meanwhile. The worker is started once and takes further parcels.
 *
 * @returns what became of each parcel, or why nothing can be said of it
 */
export function deliverAtExit(parcels: readonly ExitParcel[], timeoutMs: number): readonly ExitReceipt[] | string {
  try {
    running ??= start();
    const { port, done } = running;
    const before = Atomics.load(done, 0);
    const job: ExitJob = { parcels, endMs: Date.now() + timeoutMs };
    port.postMessage(job);
    if (Atomics.wait(done, 0, before, timeoutMs + graceMs) === 'timed-out') {
      return `no word from the worker within ${timeoutMs} ms (exitTimeoutMs)`;
    }
    return (receiveMessageOnPort(port) as { message: readonly ExitReceipt[] }).message;
  } catch (error) {
    return `no worker thread can be had: ${(error as Error).message}`;
  }
}

function start(): Running {
  const file = path.join(import.meta.dirname, 'exit-worker.cjs');
  // A worker that finds no file would say so to an event loop that does not turn any more.
  if (!existsSync(file)) throw new Error(`${file} is missing`);
  const { port1: port, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ExitWorkerData = { port: port2, done };
  const { NODE_OPTIONS: _preloads, ...env } = process.env;
  // Modules that are preloaded into the application would be loaded again.
  const worker = new Worker(file, { workerData, transferList: [port2], execArgv: [], env });
  worker.on('error', () => {});
  return { port, done };
}
