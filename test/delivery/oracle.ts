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
  /** It was the oldest when its connection broke, or it was answered with an exception. */
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
  isAcked: boolean;
  commits: number;
  lastCommitBy: number;
  droppedFor: DropReason | undefined;
  /** Each time it failed alone: with whom, what that agent had accepted until then, and whether it may be the cause. */
  readonly failures: { readonly agent: number; readonly accepted: number; readonly isStrike: boolean }[];
}

// A single event is sent this often before the process may set it aside, which alone breaks the order.
const strikesBeforeSetAside = 3;
const strikesOfPoison = 5;
// With full jitter, so many rests together take less than half of what one may take at most once in 3 billion times.
const restsTogether = 10;
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
    return { sequenceId, ids, agent, isPoisoned: ids.some((id) => this.fates[id]?.isPoison), isStruck: false };
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
      if (!this.#settings.keepsOrder || strikes(fate).length >= strikesBeforeSetAside) continue;
      if (id < this.#lastFirst) this.violated(`event ${id} is stored after event ${this.#lastFirst}`);
      this.#lastFirst = id;
    }
  }

  /** The process gets the answer to a call. */
  answered(call: Call, isOk: boolean): void {
    const { ids, agent } = call;
    this.#shut[agent] = !isOk;
    if (!isOk) {
      this.#failed(call);
      return;
    }
    this.outstanding -= 1;
    this.#dials[agent] = [];
    if (ids.length > 0) this.#accepted[agent] = this.#acceptedBy(agent) + 1;
    for (const id of ids) {
      const fate = this.fates[id] as Fate;
      fate.inFlight = false;
      fate.isAcked = true;
      this.acked += 1;
      if (fate.commits === 0) this.violated(`event ${id} is acknowledged without a commit (the model errs)`);
    }
  }

  /** The process will have no answer to these calls. */
  lost(calls: readonly Call[]): void {
    for (const call of calls) this.#failed(call);
  }

  #failed({ ids, agent, isStruck }: Call): void {
    this.outstanding -= 1;
    for (const id of ids) {
      const fate = this.fates[id] as Fate;
      fate.inFlight = false;
      if (isStruck) fate.attempts += 1;
    }
    const only = ids.length === 1 ? this.fates[ids[0] as number] : undefined;
    only?.failures.push({ agent, accepted: this.#acceptedBy(agent), isStrike: isStruck });
  }

  /** An agent failed: it has to answer one call before it may have several. */
  shut(agent: number): void {
    this.#shut[agent] = true;
    this.#hasFailed[agent] = true;
  }

  /** The process connects to an agent: not too often, while none of its answers is OK. */
  dialled(agent: number): void {
    this.openSockets += 1;
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
    if (reason === 'poison' && !isProvenPoison(fate)) this.violated(`event ${id} is called poison without proof`);
    if (fate.inFlight) this.violated(`event ${id} is given up in flight`);
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

  hasOpen(end: number): boolean {
    while (this.#firstOpen < end && !isOpen(this.fates[this.#firstOpen] as Fate)) this.#firstOpen += 1;
    return this.#firstOpen < end;
  }
}

function isOpen({ isAccepted, isAcked, droppedFor }: Fate): boolean {
  return isAccepted && !isAcked && droppedFor === undefined;
}

/** It broke connections while it was sent alone, again and again, and between its tries the agents accepted others. */
function isProvenPoison(fate: Fate): boolean {
  const proofs = fate.failures.filter(({ agent, accepted, isStrike }, index) => {
    const before = fate.failures.slice(0, index).findLast((failure) => failure.agent === agent);
    return isStrike && before !== undefined && before.accepted < accepted;
  });
  return strikes(fate).length >= strikesOfPoison && proofs.length >= 2;
}

function strikes({ failures }: Fate): Fate['failures'] {
  return failures.filter(({ isStrike }) => isStrike);
}
