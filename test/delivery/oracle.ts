// Knows every event by its id, what was sent, committed and acknowledged, and what the process says about it: judges after
// every step. An event is lost only with a count and a reason, sent again only where its acknowledgement is unknown.

import type { FlumeError } from '../../packages/core/src/errors.ts';
import type { DropReason, Stats } from '../../packages/core/src/stats.ts';
import type { Settings } from './scenario.ts';
import type { WireEvent, WireRequest } from './thrift-frames.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A call as it was sent. */
export interface Call {
  readonly sequenceId: number;
  readonly ids: readonly number[];
  readonly agent: number;
  readonly isPoisoned: boolean;
  readonly byteLength: number;
  /** It was the oldest when its connection broke, for whatever reason. */
  isStruck: boolean;
}

/** What became of an event. */
interface Fate {
  readonly headers: readonly string[];
  readonly body: string;
  readonly isPoison: boolean;
  readonly putAt: number;
  isAccepted: boolean;
  sends: number;
  /** Sends that failed, and surely counted as attempts: it was, or may have been, its own fault. */
  attempts: number;
  inFlight: boolean;
  hasFailed: boolean;
  isAcked: boolean;
  commits: number;
  lastCommitBy: number;
  droppedFor: DropReason | undefined;
  /** Each time it failed alone: when, and whether it was refused. */
  readonly failures: { readonly at: number; readonly isRefusal: boolean }[];
}

// So often a batch fails before the process may set it aside, which alone breaks the order; an event that is refused alone.
const breaksInOrder = 3;
const refusalsInOrder = 10;
// What the process must have seen before it calls an event poison.
const breaksOfPoison = 3;
const refusalsOfPoison = 10;
// From when it was set aside, which may be before it was refused alone.
const refusedLongMs = 500_000;
// With full jitter, so many rests together hardly ever take less than half of what one may take at most;
// batches that are set aside are tried beside each other.
const restsTogether = 24;
// While somebody waits for the last events, no rest is longer.
const hurriedRestMs = 500;

export class Oracle {
  readonly fates: Fate[] = [];
  /** The first thing that must not be. */
  violation: string | undefined;
  openSockets = 0;
  acked = 0;
  duplicates = 0;
  /** Calls that were sent behind others to an agent that had failed before. */
  behindAfterFailure = 0;
  outstanding = 0;
  /** Puts of what is no event. */
  invalid = 0;
  /** close() may come to its end now, which is a reason to close connections. */
  mayClose: () => boolean = () => false;
  isClosed = false;
  readonly warnings: FlumeError[] = [];
  readonly #settings: Settings;
  readonly #clock: VirtualClock;
  readonly #sockets: number[] = [];
  readonly #shut: boolean[] = [];
  readonly #hasFailed: boolean[] = [];
  readonly #accepted: number[] = [];
  readonly #dials: number[][] = [];
  readonly #failing = new Set<string>();
  readonly #noticed = new Set<string>();
  readonly #lossToldAt = new Map<string, number>();
  #lastFirst = -1;
  #firstOpen = 0;

  constructor(settings: Settings, clock: VirtualClock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  violated(what: string): void {
    this.violation ??= what;
  }

  /** An event is about to be put. @returns its id */
  put(headers: readonly string[], body: string, isPoison: boolean): number {
    return (
      this.fates.push({
        headers,
        body,
        isPoison,
        putAt: this.#clock.now(),
        isAccepted: true,
        sends: 0,
        attempts: 0,
        inFlight: false,
        hasFailed: false,
        isAcked: false,
        commits: 0,
        lastCommitBy: -1,
        droppedFor: undefined,
        failures: [],
      }) - 1
    );
  }

  sent({ sequenceId, events }: WireRequest, agent: number, inFlight: number): Call {
    const settings = this.#settings;
    if (inFlight >= settings.maxInFlight) this.violated(`more than ${settings.maxInFlight} calls in flight`);
    if (inFlight > 0 && this.#shut[agent] === true) this.violated('a call is sent behind another after a failure');
    if (events.length > settings.batchSize) this.violated(`a batch of ${events.length} events`);
    if (inFlight > 0 && this.#hasFailed[agent] === true) this.behindAfterFailure += 1;
    const bytes = events.reduce((sum, event) => sum + event.byteLength, 0);
    if (bytes > settings.batchBytes && events.length > 1) this.violated(`a batch of ${bytes} bytes`);
    const ids = events.map((event) => this.#sentEvent(event));
    if (this.isClosed) this.violated('events are sent after close() has ended');
    this.outstanding += 1;
    const isPoisoned = ids.some((id) => this.fates[id]?.isPoison);
    return { sequenceId, ids, agent, isPoisoned, byteLength: bytes, isStruck: false };
  }

  #sentEvent(event: WireEvent): number {
    const id = Number(event.headers[event.headers.indexOf('n') + 1]);
    const fate = this.fates[id];
    if (fate === undefined || !fate.isAccepted) {
      this.violated(`event ${id} is sent, which was never accepted`);
      return id;
    }
    this.#checkContent(id, fate, event);
    if (fate.isAcked) this.violated(`event ${id} is sent again although it was acknowledged`);
    if (fate.inFlight) this.violated(`event ${id} is sent twice at the same time`);
    if (fate.droppedFor !== undefined) this.violated(`event ${id} is sent after it was dropped`);
    const { maxAttempts, isFaultless } = this.#settings;
    fate.inFlight = true;
    fate.sends += 1;
    if (maxAttempts > 0 && fate.attempts >= maxAttempts) {
      this.violated(`event ${id} is sent again after ${fate.attempts} attempts`);
    }
    if (isFaultless && fate.sends > 1) this.violated(`event ${id} is sent again where nothing failed`);
    return id;
  }

  #checkContent(id: number, { headers, body }: Fate, event: WireEvent): void {
    const expected = [...this.#settings.fixedHeaders, ...headers];
    const isCut = event.headers.length > expected.length;
    if (isCut) expected.push('truncated', String(Buffer.byteLength(body)));
    const sameBody = isCut ? body.startsWith(event.body) && event.body !== body : event.body === body;
    if (!sameBody || event.headers.join('\n') !== expected.join('\n'))
      this.violated(`event ${id} is sent with changes`);
    if (event.byteLength > this.#settings.maxEventBytes) this.violated(`event ${id} has ${event.byteLength} bytes`);
  }

  /** An agent has stored the events of a call. */
  committed({ ids, agent }: Call): void {
    for (const id of ids) {
      const fate = this.fates[id] as Fate;
      fate.commits += 1;
      fate.lastCommitBy = agent;
      if (fate.commits > 1) {
        this.duplicates += 1;
        continue;
      }
      if (!this.#settings.keepsOrder || this.#mayBePassed(fate)) continue;
      if (id < this.#lastFirst) this.violated(`event ${id} is stored after event ${this.#lastFirst}`);
      this.#lastFirst = id;
    }
  }

  /** Others may be stored before it. Where attempts are few, the culprit is looked for at once. */
  #mayBePassed({ attempts, failures }: Fate): boolean {
    const breaks = this.#settings.maxAttempts > 0 ? 1 : breaksInOrder;
    return attempts >= breaks || failures.filter(({ isRefusal }) => isRefusal).length >= refusalsInOrder;
  }

  /** The process gets the answer to a call. */
  answered(call: Call, isOk: boolean): void {
    const { ids, agent } = call;
    // A batch alone on a connection of its own may be refused while others pass.
    if (isOk || !this.hasFailed(call)) this.#shut[agent] = !isOk;
    this.#dials[agent] = [];
    if (!isOk) {
      this.#failed(call, true);
      return;
    }
    this.outstanding -= 1;
    if (ids.length > 0) this.#accepted[agent] = this.#acceptedBy(agent) + 1;
    for (const id of ids) {
      const fate = this.fates[id] as Fate;
      fate.inFlight = false;
      fate.isAcked = true;
      this.acked += 1;
      if (fate.commits === 0) this.violated(`event ${id} is acknowledged without a commit (the model errs)`);
    }
  }

  /** All of these events were sent before, in vain. */
  hasFailed({ ids }: Call): boolean {
    return ids.length > 0 && ids.every((id) => this.fates[id]?.hasFailed === true);
  }

  /** The process will have no answer to these calls. */
  lost(calls: readonly Call[]): void {
    for (const call of calls) this.#failed(call, false);
  }

  #failed({ ids, isStruck }: Call, isRefusal: boolean): void {
    this.outstanding -= 1;
    for (const id of ids) {
      const fate = this.fates[id] as Fate;
      fate.inFlight = false;
      fate.hasFailed = true;
      if (isStruck) fate.attempts += 1;
    }
    const only = ids.length === 1 ? this.fates[ids[0] as number] : undefined;
    if (only !== undefined && (isStruck || isRefusal)) {
      only.failures.push({ at: this.#clock.now(), isRefusal });
      if (isRefusal) only.attempts += 1;
    }
  }

  /** An agent failed: it has to answer one call before it may have several, unless another connection to it stands. */
  shut(agent: number): void {
    if ((this.#sockets[agent] ?? 0) > 1) return;
    this.#shut[agent] = true;
    this.#hasFailed[agent] = true;
  }

  closed(agent: number): void {
    this.openSockets -= 1;
    this.#sockets[agent] = (this.#sockets[agent] ?? 0) - 1;
  }

  /** The process connects to an agent: not too often, while none of its answers is OK. */
  dialled(agent: number): void {
    this.openSockets += 1;
    this.#sockets[agent] = (this.#sockets[agent] ?? 0) + 1;
    const { initialDelayMs, maxDelayMs, connectionMaxAgeMs } = this.#settings;
    if (connectionMaxAgeMs > 0) return;
    const now = this.#clock.now();
    this.#dials[agent] ??= [];
    const dials = this.#dials[agent];
    dials.push(now);
    const from = dials.length - 1 - restsTogether;
    if (from < 0) return;
    const longestMs = Math.min(hurriedRestMs, maxDelayMs, initialDelayMs * 2 ** from);
    if (now - (dials[from] as number) < longestMs / 2) this.violated(`agent ${agent} is hardly left alone`);
  }

  /** Somebody waits from now on: rests are cut short, once. */
  hurried(): void {
    this.#dials.length = 0;
  }

  #acceptedBy(agent: number): number {
    return this.#accepted[agent] ?? 0;
  }

  /** The process gave an accepted event up, and said so to the dead letter. */
  gaveUp(id: number, reason: DropReason): void {
    const fate = this.fates[id];
    if (fate === undefined) return this.violated(`event ${id} is given up, which nobody knows`);
    const { maxAttempts, maxAgeMs } = this.#settings;
    if (fate.isAcked || fate.droppedFor !== undefined) this.violated(`event ${id} is given up too late`);
    fate.droppedFor = reason;
    if (reason === 'attempts' && (maxAttempts === 0 || fate.sends < maxAttempts)) {
      this.violated(`event ${id} is given up after ${fate.sends} attempts of ${maxAttempts}`);
    }
    if (reason === 'expired' && (maxAgeMs === 0 || this.#clock.now() - fate.putAt < maxAgeMs)) {
      this.violated(`event ${id} is taken for older than it is`);
    }
    if (reason === 'poison') this.#checkPoison(id, fate);
    if (fate.inFlight) this.violated(`event ${id} is given up in flight`);
  }

  /** Never an innocent event, and a guilty one only after trials enough. */
  #checkPoison(id: number, { isPoison, failures }: Fate): void {
    if (!isPoison) this.violated(`event ${id} is called poison, and is innocent`);
    const breaks = failures.filter(({ isRefusal }) => !isRefusal).length;
    const refusedForMs = this.#clock.now() - (failures.find(({ isRefusal }) => isRefusal)?.at ?? this.#clock.now());
    const isRefused = failures.length - breaks >= refusalsOfPoison && refusedForMs >= refusedLongMs;
    if (breaks >= breaksOfPoison || isRefused) return;
    this.violated(`event ${id} is called poison after ${failures.length} trials, ${breaks} of them broken`);
  }

  warned(error: FlumeError): void {
    this.warnings.push(error);
    const now = this.#clock.now();
    if (this.#settings.isFaultless) this.violated(`a warning where nothing failed: ${error.message}`);
    if (error.code === 'ERR_FLUME_DROPPED') {
      const [, reason] = error.message.split(' so far: ');
      const toldAt = this.#lossToldAt.get(reason ?? '');
      if (toldAt !== undefined && now - toldAt < 60_000) this.violated('a loss is told again within a minute');
      this.#lossToldAt.set(reason ?? '', now);
      return;
    }
    const agent = /^Flume agent (\S+): /.exec(error.message)?.[1] ?? this.#unexpected(error);
    if (error.code === 'FLUME_NOTICE') {
      if (this.#noticed.has(agent)) this.violated(`a notice about ${agent} is given twice`);
      this.#noticed.add(agent);
    } else if (error.code === 'FLUME_RECOVERED') {
      if (!this.#failing.delete(agent)) this.violated(`${agent} recovers without having failed`);
    } else {
      if (this.#failing.has(agent)) this.violated(`the failure of ${agent} is told twice`);
      this.#failing.add(agent);
    }
  }

  #unexpected(error: FlumeError): string {
    this.violated(`an unexpected warning: ${error.message}`);
    return '';
  }

  /** The books and the bounds, at any moment. */
  checkBooks({ accepted, recovered, delivered, queued, dropped: reasons }: Stats): void {
    const { capacity, byteCapacity } = this.#settings;
    const dropped = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    if (accepted + recovered !== delivered + dropped + queued.events) {
      this.violated(`${accepted} accepted, but ${delivered} delivered, ${dropped} dropped, ${queued.events} queued`);
    }
    if (queued.events > capacity) this.violated(`${queued.events} events queued`);
    if (queued.bytes > byteCapacity) this.violated(`${queued.bytes} bytes queued`);
    if ((queued.events === 0) !== (queued.bytes === 0))
      this.violated(`${queued.events} events of ${queued.bytes} bytes`);
  }

  /** The books against the truth, after a step. */
  check(stats: Stats): void {
    const { delivered, agents } = stats;
    this.checkBooks(stats);
    if (delivered !== this.acked) this.violated(`${delivered} counted as delivered, ${this.acked} acknowledged`);
    const inFlight = agents.reduce((sum, agent) => sum + agent.inFlight, 0);
    if (inFlight !== this.outstanding) this.violated(`${inFlight} calls in flight, in truth ${this.outstanding}`);
  }

  /** Accepted events of before `end` of which nothing is known yet: queued, or given up for newer ones. */
  open(end = this.fates.length): number {
    let open = 0;
    for (let id = this.#firstOpen; id < end; id++) if (isOpen(this.fates[id] as Fate)) open += 1;
    return open;
  }

  /** Of these, those that are no poison. */
  innocent(end: number): number {
    let count = 0;
    for (let id = this.#firstOpen; id < end; id++) {
      const fate = this.fates[id] as Fate;
      if (isOpen(fate) && !fate.isPoison) count += 1;
    }
    return count;
  }

  hasOpen(end: number): boolean {
    while (this.#firstOpen < end && !isOpen(this.fates[this.#firstOpen] as Fate)) this.#firstOpen += 1;
    return this.#firstOpen < end;
  }
}

function isOpen({ isAccepted, isAcked, droppedFor }: Fate): boolean {
  return isAccepted && !isAcked && droppedFor === undefined;
}
