// An outage of an hour at 5,000 events a second, made at full speed: the agent is away while they are put and comes back;
// half-way through the drain the process is killed, and another one takes over its folder. Both have 64 MB of heap.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compactProtocol } from '../../packages/core/src/thrift/compact-protocol.ts';
import { Reader } from '../../packages/core/src/thrift/reply.ts';

export interface OutageOutcome {
  readonly events: number;
  readonly spooledBytes: number;
  readonly putPerSecond: number;
  readonly firstDeliveryMs: number;
  readonly drainPerSecond: number;
  /** Of the process that found the other's events, from its start. */
  readonly firstRecoveredMs: number;
  readonly recoveredPerSecond: number;
  readonly duplicates: number;
  readonly rssMegabytes: number;
}

interface Progress {
  readonly put: number;
  readonly lost: number;
  readonly rss: number;
  readonly isDone: boolean;
  readonly warnings: readonly string[];
}

const program = path.join(import.meta.dirname, 'programs/spool-outage.mjs');

export async function outage(events: number): Promise<OutageOutcome> {
  const dir = mkdtempSync(path.join(tmpdir(), 'flume-outage-'));
  const source = new CountingSource(events);
  const port = await source.reserve();
  try {
    const first = new Writer([dir, String(port), String(events)]);
    const putMs = await elapsed(first.until(({ put }) => put === events));
    const spooledBytes = diskBytes(dir);

    await source.listen();
    const firstDeliveryMs = await elapsed(source.until(1));
    const half = Math.floor(events / 2);
    const drainMs = await elapsed(source.until(half));
    await first.kill();
    await source.close();

    const drained = source.count;
    await source.listen();
    const second = new Writer([dir, String(port), '0']);
    const firstRecoveredMs = await elapsed(source.until(drained + 1));
    const recoverMs = await elapsed(second.until(({ isDone }) => isDone));
    await second.exit;
    assert.equal(source.count, events, 'events are lost');
    assert.deepEqual(readdirSync(dir), [], 'left behind');
    return {
      events,
      spooledBytes,
      putPerSecond: perSecond(events, putMs),
      firstDeliveryMs: Math.round(firstDeliveryMs),
      drainPerSecond: perSecond(half, drainMs),
      firstRecoveredMs: Math.round(firstRecoveredMs),
      recoveredPerSecond: perSecond(events - drained, firstRecoveredMs + recoverMs),
      duplicates: source.duplicates,
      rssMegabytes: Math.round(Math.max(first.rss, second.rss) / 1024 ** 2),
    };
  } finally {
    await source.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The program that puts and delivers, in a process of its own. */
class Writer {
  rss = 0;
  readonly exit: Promise<unknown>;
  readonly #child: ChildProcess;
  #check: (progress: Progress) => void = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--max-old-space-size=64', program, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.exit = once(this.#child, 'exit');
    void this.exit.then(() => this.#fail(new Error('the writer has ended')));
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#heard(JSON.parse(line) as Progress);
    });
  }

  until(isReached: (progress: Progress) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#check = (progress) => {
        if (isReached(progress)) resolve();
      };
    });
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }

  #heard(progress: Progress): void {
    this.rss = Math.max(this.rss, progress.rss);
    if (progress.lost > 0) this.#fail(new Error(`${progress.lost} lost: ${progress.warnings.join('; ')}`));
    this.#check(progress);
  }
}

/** A Flume source that answers OK and keeps of each event whether it came. */
class CountingSource {
  count = 0;
  duplicates = 0;
  readonly #seen: Uint8Array;
  #port = 0;
  #server: net.Server | undefined;
  readonly #sockets = new Set<net.Socket>();
  #wanted: { readonly count: number; readonly reached: () => void } | undefined;

  constructor(events: number) {
    this.#seen = new Uint8Array(events);
  }

  /** A port where nobody listens as yet. */
  async reserve(): Promise<number> {
    await this.listen();
    await this.close();
    return this.#port;
  }

  async listen(): Promise<void> {
    this.#server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as net.AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  until(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wanted = { count, reached: resolve };
      this.#tell();
    });
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0);
        socket.write(this.#call(bytes.subarray(4, end)));
        bytes = bytes.subarray(end);
      }
      this.#tell();
    });
  }

  /** @returns the reply to a call in the compact protocol */
  #call(message: Buffer): Buffer {
    // 82, type and version, sequence id, name, a list's field, the list's size.
    let at = varintEnd(message, 2);
    at += 1 + (message[at] as number);
    const reply = Buffer.concat([Buffer.of(0x82, 0x41), message.subarray(2, at), Buffer.of(5, 0, 0, 0)]);
    let count = (message[at + 1] as number) >> 4;
    at += 2;
    if (count === 15) {
      const end = varintEnd(message, at);
      count = message.subarray(at, end).reduceRight((value, byte) => value * 128 + (byte & 0x7f), 0);
      at = end;
    }
    const reader = new Reader(message.subarray(at));
    for (; count > 0; count--) this.#take(compactProtocol.readEvent(reader));
    const length = Buffer.alloc(4);
    length.writeInt32BE(reply.length);
    return Buffer.concat([length, reply]);
  }

  #take({ headers, body }: { headers: readonly string[]; body: Buffer }): void {
    const id = Number(headers[1]);
    assert.ok(headers[0] === 'id' && this.#seen[id] !== undefined && body.length === 180, `event ${headers.join()}`);
    if (this.#seen[id] === 1) this.duplicates += 1;
    else this.count += 1;
    this.#seen[id] = 1;
  }

  #tell(): void {
    if (this.#wanted === undefined || this.count < this.#wanted.count) return;
    this.#wanted.reached();
    this.#wanted = undefined;
  }
}

function varintEnd(bytes: Buffer, at: number): number {
  let end = at;
  while ((bytes[end] as number) > 0x7f) end += 1;
  return end + 1;
}

async function elapsed(reached: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await reached;
  return performance.now() - began;
}

function perSecond(events: number, ms: number): number {
  return Math.round((1_000 * events) / ms);
}

function diskBytes(dir: string): number {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(path.join(parentPath, name)).size, 0);
}
