// The transport: winston's lifecycle on one side, an embedded Flume agent on the other.
//
// winston's rules, learnt the hard way: the callback of log() is called at once, or every transport of the logger stalls;
// log() never throws, or the logger is dead; no 'error' is ever emitted, or the process is.

import type { Readable } from 'node:stream';
import { EmbeddedAgent, FlumeError, type Report, type WaitOptions } from 'flume-thrift-client';
import { RecordHeaders } from 'flume-thrift-client/loggers';
import TransportStream from 'winston-transport';
import { AgentSuccession } from './agent-succession.ts';
import { isError } from './error-recognition.ts';
import { isLastWord } from './info.ts';
import { LevelFilter } from './level-filter.ts';
import { type FlumeTransportOptions, splitOptions } from './options.ts';
import { filtered, formatted } from './own-format.ts';
import { type Parent, Parents } from './parents.ts';
import { read } from './property.ts';
import { RecordMapper } from './record-mapper.ts';
import { droppedIn, type TransportStats } from './total-stats.ts';

// Taken now: an application's tests may put another into its place, which nobody moves on.
const { nextTick } = process;

// Typed without an import, so that the declarations are right for consumers with and without esModuleInterop.
// oxlint-disable-next-line typescript/consistent-type-imports
const Base: typeof import('winston-transport') = TransportStream;

/** Two copies of this package can meet in one process (two versions, or one in a bundle). */
export const brand: unique symbol = Symbol.for('winston-flume.FlumeTransport');

/** The method that shutdown() calls before it ends the logger, on the transports of whichever copy. */
export const ending: unique symbol = Symbol.for('winston-flume.ending');

/** Its public face, and its documentation, is in public-transport.ts. */
export class FlumeTransport extends Base {
  readonly name: string;
  declare parent: Parent | null | undefined;
  declare levels: Readonly<Record<string, number>> | undefined;
  readonly [brand] = true;

  readonly #mapper: RecordMapper;
  readonly #closeTimeoutMs: number | undefined;
  readonly #parents = new Parents();
  readonly #agents: AgentSuccession;
  /** `resting`: closed by winston, and open again with the next record. `ended`: for good. */
  #state: 'open' | 'resting' | 'ended' = 'open';
  /** How long the end may last, where it is part of a whole that has its own time. */
  #endTimeoutMs: number | undefined;
  /** A close() that a record or a logger can still call off. */
  #leaving: Promise<void> | undefined;
  #filtered = 0;
  #mapFailures = 0;
  #formatFailures = 0;
  readonly #levels = new LevelFilter(this, (text, why) => this.#notice(text, why));
  readonly #noticed = new Set<string>();

  constructor(options?: FlumeTransportOptions) {
    const { name, stream, delivery, record } = splitOptions(options);
    super(stream);
    this.name = name;
    // One transport may serve any number of loggers, each with several listeners.
    this.setMaxListeners(0);
    const onNotice = (notice: FlumeError): void => this.#warn(notice);
    const headers = new RecordHeaders({ ...record, mapped: record.map !== undefined, onNotice });
    record.redaction?.onNotice(onNotice);
    this.#mapper = new RecordMapper({
      ...record,
      headers,
      isLow: (level) => this.#levels.isLow(level),
      onMapFailure: (error) => this.#mapFailed(error),
    });
    this.#closeTimeoutMs = delivery.closeTimeoutMs;
    this.#agents = new AgentSuccession(() => {
      const agent = new EmbeddedAgent({ ...delivery, headers: { ...headers.fixed, ...delivery.headers } });
      return agent.on('warning', (error) => this.#warn(error));
    });
    this.on('pipe', (parent) => this.#piped(parent));
    this.on('unpipe', (parent) => this.#unpiped(parent));
  }

  override log(info: unknown, callback?: () => void): true {
    try {
      // An exception handler is called past the stream, which looks at `silent` else.
      if (this.silent !== true) this.#take(info);
    } catch (error) {
      this.#failed('a listener failed', error);
    }
    if (typeof callback === 'function') {
      callBackInThisTurn(this);
      callback();
    }
    return true;
  }

  // In place of the base class's, which throw what a format throws at the caller, lose an error that is the record before
  // they call the format, and drop every record whose level they do not know.
  override _write(info: unknown, _encoding: unknown, callback: () => void): void {
    if (this.#wants(info)) {
      this.log(info, callback);
    } else {
      callBackInThisTurn(this);
      callback();
    }
  }

  override _writev(chunks: readonly { readonly chunk: unknown }[], callback: () => void): void {
    for (const { chunk } of chunks) if (this.#wants(chunk)) this.log(chunk);
    callback();
  }

  async flush(options?: WaitOptions): Promise<Report> {
    const queued = this.#agents.left ?? (await this.#agents.agent.flush(options)).queued;
    const stats = this.stats();
    return { delivered: stats.delivered, dropped: droppedIn(stats), queued };
  }

  // oxlint-disable-next-line typescript/no-misused-promises -- winston ignores it, others may wait for it
  override close(): Promise<void> {
    if (this.#state !== 'open') return this.#agents.close();
    if (this.#leaving !== undefined) return this.#leaving;
    const leaving = this.#leave(() => this.#leaving === leaving);
    this.#leaving = leaving;
    return leaving;
  }

  stats(): TransportStats {
    return {
      ...this.#agents.stats(),
      filtered: this.#filtered,
      formatFailures: this.#formatFailures,
      mapFailures: this.#mapFailures,
      unknownLevels: this.#levels.unknown,
      ...this.#mapper.counts,
    };
  }

  /** The logger is about to be ended, for which there are `timeoutMs`. @returns when a transport that it does not end has closed */
  async [ending](logger: object, timeoutMs: number): Promise<void> {
    const { count } = this.#parents;
    const isPiped = this.#parents.has(logger);
    if (isPiped && count > 1) (logger as Readable).unpipe(this);
    else if (isPiped) this.#endTimeoutMs = timeoutMs;
    // An exception handler alone: its logger never ends it, and another record opens it again.
    else if (count === 0 && this.#state === 'open') await this.#rest(timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.#state === 'ended') return resolve();
      this.once('finish', resolve);
      this.end();
    });
    await this.#agents.close();
  }

  // The end, by logger.end() or our own: 'finish' comes when all is delivered, dropped, or closeTimeoutMs over.
  override _final(callback: (error?: Error | null) => void): void {
    if (this.#parents.living > 0) {
      this.#notice(
        'one of its loggers has ended it, the others lose it',
        'shutdown() of winston-flume leaves it to them',
      );
    }
    // Not from within the promise, which would take an error that a listener of 'finish' throws for its own.
    void this.#end(this.#endTimeoutMs).then(() => nextTick(callback));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    void this.#end(0);
    callback(error);
  }

  // A logger whose other transports lag writes to us after it has ended us, which a stream answers with an 'error'.
  override write(info: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (this.#state !== 'ended' && this.writable) {
      return super.write(info, encoding as BufferEncoding, callback as () => void);
    }
    this._write(info, 'utf8', () => {});
    const written = typeof encoding === 'function' ? encoding : callback;
    if (typeof written === 'function') nextTick(written);
    return true;
  }

  #take(info: unknown): void {
    if (this.#state === 'resting') {
      this.#agents.renew();
      this.#state = 'open';
    }
    this.#leaving = undefined;
    const record = this.#formatted(info);
    const event = record === filtered ? null : this.#mapper.event(record, info);
    if (event === null) {
      this.#filtered += 1;
      return;
    }
    const accepted = this.#agents.agent.put(event);
    if (isLastWord(info)) void this.flush();
    if (accepted && this.listenerCount('logged') > 0) this.emit('logged', info);
  }

  /** The record as the transport's own format has it, or `filtered`. */
  #formatted(info: unknown): unknown {
    const { format } = this;
    if (format === undefined || format === null) return info;
    try {
      return formatted(format, info);
    } catch (error) {
      this.#formatFailures += 1;
      this.#failed('the format failed, records are sent without it', error);
      return info;
    }
  }

  #wants(info: unknown): boolean {
    if (this.silent === true || (this.handleExceptions !== true && read(info, 'exception') === true)) return false;
    return this.#levels.wants(info);
  }

  #piped(parent: Parent): void {
    this.#leaving = undefined;
    this.#parents.add(parent, this);
    this.#adopt();
    this.#levels.limit();
  }

  #unpiped(parent: Parent): void {
    this.#parents.delete(parent);
    this.#adopt();
    // For the first parent to go the base class has called close(), which is to happen for the last one.
    if (this.#parents.first === undefined) void this.close();
    else this.#leaving = undefined;
  }

  #adopt(): void {
    const { first } = this.#parents;
    this.parent = first ?? null;
    // Without a parent the levels stay, since the base class cannot do without where it has a level.
    if (first?.levels !== undefined) this.levels = first.levels;
  }

  async #leave(isWanted: () => boolean): Promise<void> {
    // While this waits the agent is a whole one, so that logger.configure() with the same transport costs nothing.
    await this.#agents.agent.flush({ timeoutMs: this.#closeTimeoutMs });
    if (this.#state !== 'open' || !isWanted()) return;
    await this.#rest(0);
  }

  async #rest(timeoutMs: number): Promise<void> {
    this.#state = 'resting';
    this.#leaving = undefined;
    await this.#agents.close(timeoutMs);
  }

  async #end(timeoutMs?: number): Promise<void> {
    this.#state = 'ended';
    await this.#agents.close(timeoutMs);
  }

  #mapFailed(error: unknown): void {
    this.#mapFailures += 1;
    this.#failed('map failed, records are sent without it', error);
  }

  #failed(what: string, cause: unknown): void {
    this.#notice(what, isError(cause) ? String(read(cause, 'message')) : typeof cause, { cause });
  }

  /** Says it once. */
  #notice(text: string, why: string, options?: ErrorOptions): void {
    // A record's level is data, of which there is no end.
    if (this.#noticed.has(text) || this.#noticed.size >= mostNotices) return;
    this.#noticed.add(text);
    this.#warn(new FlumeError('FLUME_NOTICE', `${this.name}: ${text}: ${why}`, options));
  }

  #warn(error: FlumeError): void {
    const heard = this.#parents.hearWarningsOf(this);
    try {
      this.emit('warn', error);
    } catch (thrown) {
      // Of the listener's, and not to reach who logs.
      process.emitWarning(`a listener of 'warn' threw: ${String(thrown)}`, error.name);
    }
    if (!heard) process.emitWarning(error.message, { type: error.name, code: error.code });
  }
}

/** Most different notices of one transport. */
const mostNotices = 20;

/**
 * Lets a stream go on within this turn, where it would defer the end of each record by process.nextTick(): for records
 * logged in one go, all in memory. It could miss a 'drain' only with a highWaterMark of 1, which the options refuse.
 */
function callBackInThisTurn(stream: object): void {
  const state = (stream as { _writableState?: { sync?: unknown } })._writableState;
  if (state?.sync === true) state.sync = false;
}
