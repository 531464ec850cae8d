// One simulation of channels on disk: processes with file or spillable channels on one folder of a simulated disk, which fails,
// is slow, is cut short; processes are killed at any call, and the power is cut. In the end, when all is well, what was
// accepted must have been delivered, or counted.

import type { Transaction } from '../../packages/core/src/channel/channel.ts';
import { type OpenChannel, openChannel } from '../../packages/core/src/channel/open-channel.ts';
import type { Clock } from '../../packages/core/src/clock.ts';
import type { Disk } from '../../packages/core/src/disk.ts';
import type { FlumeError } from '../../packages/core/src/errors.ts';
import type { Locks } from '../../packages/core/src/spool/writer-lock.ts';
import { headerBytes, recordHeadBytes, recordLength } from '../../packages/core/src/store/segment.ts';
import { binaryProtocol } from '../../packages/core/src/thrift/binary-protocol.ts';
import { Reader } from '../../packages/core/src/thrift/reply.ts';
import { Chance } from './chance.ts';
import { SimulatedDisk, type SimulatedFile } from './simulated-disk.ts';
import { drawSpoolScenario, type SpoolAction, type SpoolScenario } from './spool-scenario.ts';
import { VirtualClock } from './virtual-clock.ts';

export type SpoolOutcome = Readonly<Record<string, number>>;

const turnsOfPromises = 12;
const mostSteps = 200_000;
const intervalMs = 500;
// How long after all is well it takes at most until everything is delivered.
const recoveryMs = 120_000;

/** @param log takes a line for everything that happens */
export function simulateSpool(seed: number, log: (line: string) => void = () => {}): Promise<SpoolOutcome> {
  return new SpoolSimulation(seed, log).run();
}

/** What was put, and what became of it. */
class Records {
  accepted = 0;
  delivered = 0;
  duplicates = 0;
  /** Counted as lost by some process. */
  lost = 0;
  /** May be lost without a count: in a killed process' memory, or not synced before the power was cut. */
  excused = 0;
  /** Delivered, and not on disk that they were. */
  mayBeTwice = 0;
  readonly #events: { state: 'unknown' | 'accepted' | 'delivered' | 'excused' }[] = [];

  next(): string {
    this.#events.push({ state: 'unknown' });
    return `${this.#events.length - 1}:`;
  }

  accept(body: string): void {
    this.accepted += 1;
    (this.#events[Number.parseInt(body, 10)] as { state: string }).state = 'accepted';
  }

  deliver(body: string): void {
    const event = this.#events[Number.parseInt(body, 10)];
    if (event === undefined) throw new Error(`foreign: ${body}`);
    if (event.state === 'delivered') this.duplicates += 1;
    else this.delivered += 1;
    event.state = 'delivered';
  }

  excuse(body: string): void {
    const event = this.#events[Number.parseInt(body, 10)];
    if (event?.state === 'accepted') event.state = 'excused';
  }

  get missing(): number {
    return this.#events.filter(({ state }) => state === 'accepted').length;
  }
}

class SimulatedProcess {
  readonly parts: OpenChannel;
  readonly warnings: FlumeError[] = [];
  /** Reasons for which events were lost. */
  readonly reasons = new Set<string>();
  /** An outage of the disk was told, and not its end. */
  #isIll = false;
  isAlive = true;
  isClosing = false;
  /** Calls of the disk until it is killed. */
  callsLeft = Number.POSITIVE_INFINITY;
  accepted = 0;
  settled = 0;
  readonly open: { batch: Transaction; bodies: string[] }[] = [];

  constructor(
    disk: SimulatedDisk,
    held: Map<string, SimulatedProcess>,
    world: { clock: VirtualClock; chance: Chance; scenario: SpoolScenario; records: Records },
  ) {
    const { clock, chance, scenario, records } = world;
    const own: Clock = {
      now: () => clock.now(),
      after: (delayMs, callback) => clock.after(delayMs, () => this.isAlive && callback()),
      soon: (callback) => clock.soon(() => this.isAlive && callback()),
    };
    const files = disk.for(() => this.#dies());
    this.parts = openChannel(
      binaryProtocol,
      [],
      { ...scenario, dir: '/spool' },
      {
        clock: own,
        disk: files,
        locks: this.#locks(disk, files, held),
        randomBytes: (size) => Buffer.from(Array.from({ length: size }, () => chance.integer(0, 255))),
      },
      {
        settled: (from, to, how) => {
          this.settled += to - from;
          if (how === 'delivered') return;
          records.lost += to - from;
          this.reasons.add(how);
        },
        arrived: () => {},
        warn: (error) => this.#warned(error),
      },
    );
  }

  /** What was accepted or found is settled, or waits. */
  checkBooks(): void {
    const { channel, file } = this.parts;
    const { queuedEvents, availableEvents } = channel;
    const found = file?.recovered ?? 0;
    if (this.accepted + found !== this.settled + queuedEvents) {
      throw new Error(`${this.accepted} accepted and ${found} found, ${this.settled} settled, ${queuedEvents} queued`);
    }
    const open = this.open.reduce((sum, { batch }) => sum + batch.count, 0);
    if (!this.isClosing && availableEvents + open !== queuedEvents) {
      throw new Error(`${availableEvents} available and ${open} open of ${queuedEvents}`);
    }
    if ((file?.queued.count ?? 0) > queuedEvents) throw new Error('more in files than queued');
  }

  /** Once for each outage. */
  #warned(error: FlumeError): void {
    this.warnings.push(error);
    if (error.code === 'FLUME_NOTICE' || /and stays$|was deleted;/.test(error.message)) return;
    const isEnd = error.code === 'FLUME_RECOVERED';
    if (isEnd !== this.#isIll) throw new Error(`told twice: ${error.message}`);
    this.#isIll = !isEnd;
  }

  #dies(): boolean {
    if (this.isAlive && this.callsLeft-- <= 0) this.isAlive = false;
    return !this.isAlive;
  }

  #locks(disk: SimulatedDisk, files: Disk, held: Map<string, SimulatedProcess>): Locks {
    return {
      hold: (folder, id) => {
        files.closeSync(files.openSync(folder, 0));
        const unlink = disk.makeSocket(`${folder}/lock`);
        held.set(id, this);
        return {
          release: () => {
            held.delete(id);
            if (this.isAlive) unlink();
          },
        };
      },
      isHeld: async (folder, id) => {
        files.closeSync(files.openSync(folder, 0));
        const hasLock = files.readdirSync(folder).includes('lock');
        return hasLock && held.get(id)?.isAlive === true;
      },
    };
  }
}

class SpoolSimulation {
  readonly #clock = new VirtualClock();
  readonly #scenario: SpoolScenario;
  readonly #chance: Chance;
  readonly #disk: SimulatedDisk;
  readonly #records = new Records();
  readonly #held = new Map<string, SimulatedProcess>();
  readonly #processes: (SimulatedProcess | undefined)[] = [];
  readonly #ended: SimulatedProcess[] = [];
  /** Their writers may go on for a while, until they see it. */
  readonly #deleted: SimulatedFile[] = [];
  readonly #log: (line: () => string) => void;
  #steps = 0;

  constructor(seed: number, log: (line: string) => void) {
    this.#scenario = drawSpoolScenario(seed);
    this.#chance = new Chance(seed + 0x1000_0000);
    this.#log = (line) => log(`${this.#clock.now().toFixed(0).padStart(7)} ${line()}`);
    const { faults, diskBytes, isShort, latencyMs } = this.#scenario;
    this.#log(() => JSON.stringify({ ...this.#scenario, actions: undefined }));
    this.#disk = new SimulatedDisk({
      clock: this.#clock,
      chance: this.#chance,
      faults,
      capacity: diskBytes,
      isShort,
      latencyMs,
    });
  }

  async run(): Promise<SpoolOutcome> {
    try {
      for (const action of this.#scenario.actions) {
        await this.#runUntil(action.at);
        this.#log(() => JSON.stringify(action));
        this.#act(action);
        await this.#resolve();
      }
      await this.#runUntil(this.#scenario.calmAt);
      await this.#expectRecovery();
      return this.#outcome();
    } finally {
      // Nothing of them is kept.
      for (const process of [...this.#processes, ...this.#ended]) {
        if (process === undefined) continue;
        process.isAlive = false;
        process.parts.file?.leave();
      }
    }
  }

  #outcome(): SpoolOutcome {
    const { accepted, delivered, duplicates, lost, excused, missing } = this.#records;
    return { accepted, delivered, duplicates, lost, excused, missing, steps: this.#steps };
  }

  #act(action: SpoolAction): void {
    if (action.does === 'power') {
      this.#cutPower();
      return;
    }
    if (action.does === 'delete') {
      this.#delete(action.which, action.what);
      return;
    }
    const process = this.#processes[action.process];
    if (process === undefined) {
      if (action.does === 'start') this.#start(action.process);
      return;
    }
    const { channel, spill, file } = process.parts;
    switch (action.does) {
      case 'put':
        for (let count = action.count; count > 0; count--) this.#put(process, action.size);
        break;
      case 'take':
        for (let count = action.batches; count > 0; count--) this.#take(process, action.outcome);
        if (this.#chance.is(0.5)) for (const { batch } of process.open.splice(0)) batch.rollback();
        break;
      case 'outage':
        spill?.outage(action.isOn);
        break;
      case 'close':
        for (const { batch } of process.open.splice(0)) batch.rollback();
        process.isClosing = true;
        void file?.close().then(() => {
          process.isAlive &&= false;
          this.#gone(process, channel.queuedEvents - (file?.queued.count ?? 0));
        });
        break;
      case 'kill':
        if (action.calls === 0) process.isAlive = false;
        else process.callsLeft = action.calls;
    }
    this.#bury();
  }

  #start(at: number): SimulatedProcess {
    const world = { clock: this.#clock, chance: this.#chance, scenario: this.#scenario, records: this.#records };
    const process = new SimulatedProcess(this.#disk, this.#held, world);
    this.#processes[at] = process;
    return process;
  }

  #put(process: SimulatedProcess, size: number): void {
    if (!process.isAlive || process.isClosing) return;
    const body = bodyOf(this.#records.next(), size);
    const reason = process.parts.channel.put([], body, this.#chance.is(0.3));
    if (reason === undefined && process.isAlive) {
      process.accepted += 1;
      this.#records.accept(body);
    } else if (reason === undefined) {
      process.accepted += 1;
    }
  }

  #take(process: SimulatedProcess, outcome: 'commit' | 'rollback' | 'drop' | 'keep'): boolean {
    if (!process.isAlive || process.isClosing) return false;
    const batch = process.parts.channel.take(this.#chance.integer(1, 30), this.#chance.pick([500, 5_000, 1e6]));
    if (batch === undefined) return false;
    const bodies = bodiesOf(batch);
    for (const body of bodies)
      if (body !== bodyOf(body.slice(0, body.indexOf(':') + 1), body.length)) throw new Error(`wrong: ${body}`);
    if (outcome === 'keep') process.open.push({ batch, bodies });
    else if (outcome === 'rollback') batch.rollback();
    else if (outcome === 'drop') batch.drop('poison');
    else {
      for (const body of bodies) this.#records.deliver(body);
      batch.commit();
      // Killed before that was in a file.
      if (!process.isAlive) this.#records.mayBeTwice += bodies.length;
    }
    return true;
  }

  /** Processes that were killed are no more; what they had in memory only is lost, as it must be. */
  #bury(): void {
    for (const process of this.#processes) {
      if (process === undefined || process.isAlive) continue;
      const { channel, file } = process.parts;
      this.#gone(process, channel.queuedEvents - (file?.queued.count ?? 0));
    }
  }

  #gone(process: SimulatedProcess, lost: number): void {
    const at = this.#processes.indexOf(process);
    if (at < 0) return;
    this.#processes[at] = undefined;
    this.#ended.push(process);
    this.#records.excused += lost;
  }

  #cutPower(): void {
    this.#expectSynced();
    for (const process of this.#processes) if (process !== undefined) process.isAlive = false;
    this.#bury();
    for (const [name, file] of this.#disk.files()) {
      if (name.endsWith('.seg')) for (const body of bodiesIn(file, file.synced)) this.#records.excuse(body);
    }
    this.#disk.cutPower();
  }

  /** What was written for longer than the interval is on the platter. */
  #expectSynced(): void {
    const { faults, fsync, latencyMs, actions, type } = this.#scenario;
    const now = this.#clock.now();
    const isBusy = actions.some(
      ({ at, does }) => does !== 'outage' && at < now && at > now - intervalMs - 4 * latencyMs,
    );
    if (faults.length > 0 || fsync === 'never' || isBusy || type === 'spillable') return;
    const living = [...this.#held].filter(([, process]) => process.isAlive).map(([id]) => `/w-${id}/`);
    const late = this.#disk
      .files()
      .filter(
        ([name, { size, synced }]) =>
          name.endsWith('.seg') && size > headerBytes && synced < size && living.some((own) => name.includes(own)),
      );
    if (late.length > 0) throw new Error(`not synced: ${late.map(([name]) => name).join()}`);
  }

  #delete(which: number, what: 'file' | 'folder'): void {
    const segments = this.#disk.files().filter(([name]) => name.endsWith('.seg'));
    const [name] = segments[which % Math.max(1, segments.length)] ?? [];
    if (name === undefined) return;
    const place = what === 'file' ? name : name.slice(0, name.lastIndexOf('/'));
    for (const [path, file] of segments) if (path.startsWith(place)) this.#deleted.push(file);
    this.#log(() => `deleted ${place}`);
    this.#disk.remove(place);
  }

  /** All is well: what is there is delivered, and only what had a reason to is not. */
  async #expectRecovery(): Promise<void> {
    for (const process of this.#processes) {
      if (process === undefined) continue;
      for (const { batch } of process.open.splice(0)) batch.rollback();
      process.parts.spill?.outage(false);
    }
    const end = this.#clock.now() + recoveryMs;
    const isDone = (): boolean =>
      !this.#disk
        .files()
        .some(([name]) => name.endsWith('.seg') && !name.includes('/set-aside/') && !this.#isEmpty(name)) &&
      this.#processes.every((process) => process === undefined || process.parts.channel.queuedEvents === 0);
    while (!isDone()) {
      if (this.#clock.now() > end) throw new Error(`not delivered in ${recoveryMs} ms: ${this.#left()}`);
      if (this.#processes.every((process) => process === undefined)) this.#start(0);
      for (const process of this.#processes) {
        if (process === undefined) continue;
        while (this.#take(process, 'commit'));
      }
      this.#bury();
      await this.#runUntil(this.#clock.now() + 200);
    }
    // Counted too, though nobody knows how many there are behind what cannot be read; people can look at them.
    const aside = this.#disk.files().filter(([name]) => name.includes('/set-aside/') && name.endsWith('.seg'));
    for (const file of [...this.#deleted, ...aside.map(([, one]) => one)]) {
      for (const body of bodiesIn(file, 0)) this.#records.excuse(body);
    }
    const { missing, lost, excused, duplicates, mayBeTwice } = this.#records;
    if (missing > lost + excused)
      throw new Error(`${missing} are missing, ${lost} counted as lost, ${excused} excused`);
    const { faults, actions, diskBytes } = this.#scenario;
    const isFull = diskBytes < 2 ** 20;
    const isCalm = !isFull && faults.length === 0 && actions.every(({ does }) => does !== 'power' && does !== 'delete');
    const reasons = [...this.#processes, ...this.#ended].flatMap((process) => [...(process?.reasons ?? [])]);
    const isIll = reasons.some((reason) => reason === 'disk' || reason === 'damaged');
    if (isCalm && isIll) throw new Error(`lost on a disk that is well: ${reasons.join()}`);
    if (isCalm && duplicates > mayBeTwice) throw new Error(`${duplicates} are delivered twice, not ${mayBeTwice}`);
  }

  /** A segment that is written to, and has nothing to deliver. */
  #isEmpty(name: string): boolean {
    return [...this.#held.keys()].some(
      (id) => name.includes(`/w-${id}/`) && this.#held.get(id)?.parts.channel.queuedEvents === 0,
    );
  }

  #left(): string {
    const queued = this.#processes.map((process) => process?.parts.channel.queuedEvents);
    return `${queued.join()}; ${this.#disk
      .files()
      .map(([name, { size }]) => `${name} ${size}`)
      .join(
        ' ',
      )}; ${this.#processes.flatMap((process) => process?.warnings.slice(-3).map(({ message }) => message) ?? []).join(' | ')}`;
  }

  async #runUntil(at: number): Promise<void> {
    let isReached = false;
    this.#clock.at(at, () => {
      isReached = true;
    });
    while (!isReached) {
      this.#clock.step();
      this.#steps += 1;
      if (this.#steps > mostSteps) throw new Error('no end is in sight');
      await this.#resolve();
      this.#bury();
      for (const process of this.#processes) process?.checkBooks();
    }
  }

  async #resolve(): Promise<void> {
    for (let turn = 0; turn < turnsOfPromises; turn++) await Promise.resolve();
  }
}

/** Of an event, by its number: any other body of that number is wrong. */
function bodyOf(number: string, size: number): string {
  return number.padEnd(size, 'abcdefghijklmnopqrstuvwxyz').slice(0, Math.max(size, number.length));
}

function bodiesOf(batch: Transaction): string[] {
  const reader = new Reader(Buffer.concat(batch.views));
  return Array.from({ length: batch.count }, () => binaryProtocol.readEvent(reader).body.toString());
}

/** Of the records of a segment that end behind `from`. */
function bodiesIn({ bytes, size }: SimulatedFile, from: number): string[] {
  const found: string[] = [];
  for (let at = headerBytes; at + recordHeadBytes <= size; ) {
    const end = at + recordHeadBytes + recordLength(bytes, at);
    if (end === at + recordHeadBytes || end > size) break;
    if (end > from) found.push(bodyIn(bytes.subarray(at + recordHeadBytes, end)));
    at = end;
  }
  return found;
}

/** @returns nothing where it is no event, on a disk that lost power */
function bodyIn(payload: Buffer): string {
  try {
    return binaryProtocol.readEvent(new Reader(payload)).body.toString();
  } catch {
    return '';
  }
}
