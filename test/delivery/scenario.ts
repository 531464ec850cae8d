// What happens in a simulation, drawn from its seed: the options, the agents and their moods, what the application does.

import type { DeliveryOptions } from '../../packages/core/src/options/delivery-options.ts';
import { Chance } from './chance.ts';
import type { WireProtocol } from './thrift-frames.ts';

/** What a simulation is about, in turn by its seed. */
export const themes = [
  'nothing fails',
  'one agent',
  'failover',
  'load balancing',
  'a small channel',
  'close() at any moment',
  'giving up',
  'a siege',
] as const;

export type Theme = (typeof themes)[number];

/**
 * How an agent treats what comes: `slow` near and beyond the timeout · `full` FAILED for batches above its room · `erratic`
 * anything that can go wrong with a call · `refusing` no connections · `closing` accepts connections and closes them at once ·
 * `hanging` no answer to anything
 */
export type Mood = 'well' | 'slow' | 'full' | 'erratic' | 'refusing' | 'closing' | 'hanging';

/**
 * What an agent does with an event that is poison: `exception`, `close`, `silence`, `half` an answer and a close, `refusal` for
 * ever as a Kafka channel refuses a record that is too large, or it `takes` it.
 */
export type Evil = 'exception' | 'close' | 'silence' | 'half' | 'refusal' | 'takes';

export interface AgentScript {
  /** One way, on average. */
  readonly latencyMs: number;
  /** For a call, at most. */
  readonly workMs: number;
  /** How long it waits for room before it answers FAILED. */
  readonly keepAliveMs: number;
  /** Answers FAILED to larger batches, for ever. */
  readonly transactionCapacity: number;
  readonly evil: Evil;
  /** How likely the link breaks with a call, until calm. */
  readonly breaks: number;
  /** What its channel holds, until calm, and how many events a second its sink takes from it. */
  readonly room: { readonly events: number; readonly bytes: number; readonly drained: number };
  readonly moods: readonly {
    readonly at: number;
    readonly mood: Mood;
    readonly restarts: boolean;
    readonly room: number;
  }[];
}

/** The options, as the oracle needs them, and what it may expect. */
export interface Settings {
  readonly protocol: WireProtocol;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly connectionMaxAgeMs: number;
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly lingerMs: number;
  readonly maxInFlight: number;
  readonly maxEventBytes: number;
  readonly maxAttempts: number;
  readonly maxAgeMs: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly capacity: number;
  readonly byteCapacity: number;
  readonly fixedHeaders: readonly string[];
  /** Nothing goes wrong: no agent fails, no channel overflows. */
  readonly isFaultless: boolean;
  /** Events are stored in the order of put(). */
  readonly keepsOrder: boolean;
  /** Milliseconds for which the process may be blocked at a time. */
  readonly blockMs: number;
}

export type Action = { readonly at: number } & (
  | { readonly does: 'put'; readonly count: number }
  | { readonly does: 'flush' | 'ready'; readonly timeoutMs: number }
  | { readonly does: 'block'; readonly durationMs: number }
);

export interface Scenario {
  readonly theme: Theme;
  readonly options: DeliveryOptions;
  readonly settings: Settings;
  readonly agents: readonly AgentScript[];
  readonly actions: readonly Action[];
  /** From then on nothing fails but what always does (transactionCapacity, poison). */
  readonly calmAt: number;
  /** When close() is called, where that is in the middle of things. */
  readonly closeAt: number | undefined;
  readonly closeTimeoutMs: number;
  /** How many of 1,000 events are poison. */
  readonly poison: number;
  /** The application logs warnings, as events. */
  readonly echoes: boolean;
}

export function drawScenario(seed: number): Scenario {
  const theme = themes[seed % themes.length] as Theme;
  const chance = new Chance(seed);
  const isFaultless = theme === 'nothing fails';
  const givesUp = theme === 'giving up';
  const isSmall = theme === 'a small channel';
  const isSiege = theme === 'a siege';
  const isGroup = theme === 'failover' || theme === 'load balancing' || (theme !== 'one agent' && chance.is(0.3));
  const agentCount = isGroup ? chance.integer(2, 3) : 1;
  const balances = theme === 'load balancing' || (theme !== 'failover' && chance.is(0.5));

  const batchSize = chance.integer(5, 20);
  const maxInFlight = theme === 'one agent' && chance.is(0.4) ? 1 : chance.integer(1, 6);
  const requestTimeoutMs = chance.pick([100, 400, 2_000, 20_000]);
  const staticHeaders = chance.is(0.3) ? ['app', 'checkout'] : [];
  const settings: Settings = {
    protocol: chance.is(0.7) ? 'compact' : 'binary',
    connectTimeoutMs: chance.pick([100, 1_000, 5_000]),
    requestTimeoutMs,
    connectionMaxAgeMs: chance.is(0.3) ? chance.integer(50, 5_000) : 0,
    batchSize,
    batchBytes: chance.is(0.3) ? chance.integer(200, 4_000) : 1024 * 1024,
    lingerMs: chance.pick([0, 10, 200, 1_000]),
    maxInFlight,
    maxEventBytes: givesUp && chance.is(0.5) ? chance.integer(100, 400) : 1024 * 1024,
    maxAttempts: givesUp && chance.is(0.4) ? chance.integer(1, 8) : 0,
    maxAgeMs: givesUp && chance.is(0.4) ? chance.integer(200, 20_000) : 0,
    initialDelayMs: chance.integer(1, 500),
    maxDelayMs: chance.pick([20, 300, 3_000, 30_000]),
    capacity: isSmall ? chance.integer(1, 60) : 100_000,
    byteCapacity: isSmall && chance.is(0.6) ? chance.integer(500, 20_000) : 64 * 1024 * 1024,
    fixedHeaders: staticHeaders,
    isFaultless,
    keepsOrder: agentCount === 1 && !isSmall && (isFaultless || maxInFlight === 1),
    blockMs: !isFaultless && chance.is(0.15) ? requestTimeoutMs * 2 : 0,
  };

  const busyMs = chance.pick([300, 3_000, 20_000]);
  const calmAt = isFaultless ? 0 : busyMs * (0.5 + chance.next());
  return {
    theme,
    settings,
    options: {
      processor: balances ? 'load_balance' : 'failover',
      selector: chance.pick(['round_robin', 'random', 'hash'] as const),
      protocol: settings.protocol,
      connectTimeoutMs: settings.connectTimeoutMs,
      requestTimeoutMs,
      connectionMaxAgeMs: settings.connectionMaxAgeMs,
      batchSize,
      batchBytes: settings.batchBytes,
      lingerMs: settings.lingerMs,
      maxInFlight,
      maxEventBytes: settings.maxEventBytes,
      oversize: chance.pick(['truncate', 'drop'] as const),
      channel: {
        capacity: settings.capacity,
        byteCapacity: settings.byteCapacity,
        whenFull: isSmall ? chance.pick(['drop-newest', 'drop-oldest', 'drop-low'] as const) : 'drop-newest',
      },
      retry: {
        initialDelayMs: settings.initialDelayMs,
        maxDelayMs: settings.maxDelayMs,
        maxAttempts: settings.maxAttempts,
        maxAgeMs: settings.maxAgeMs,
      },
      headers: staticHeaders.length === 0 ? {} : { app: 'checkout' },
    },
    agents: Array.from({ length: agentCount }, () => drawAgent(chance, calmAt, settings, isSiege)),
    actions: drawActions(chance, busyMs, settings, isSmall),
    calmAt,
    closeAt: theme === 'close() at any moment' ? busyMs * chance.next() : undefined,
    closeTimeoutMs: chance.pick([0, 50, 1_000, 5_000]),
    poison: (givesUp && chance.is(0.5)) || (isSiege && chance.is(0.7)) ? chance.integer(1, 30) : 0,
    echoes: chance.is(0.2),
  };
}

function drawAgent(
  chance: Chance,
  calmAt: number,
  { batchSize, requestTimeoutMs, isFaultless }: Settings,
  isSiege: boolean,
): AgentScript {
  const moods: AgentScript['moods'][number][] = [];
  let at = 0;
  while (at < calmAt) {
    const mood: Mood = chance.is(isSiege ? 0.8 : 0.35)
      ? 'well'
      : chance.pick(['slow', 'full', 'erratic', 'erratic', 'refusing', 'closing', 'hanging'] as const);
    const room = chance.is(0.6) ? 0 : chance.integer(1, batchSize);
    moods.push({ at, mood, restarts: mood === 'refusing' || chance.is(0.4), room });
    at += calmAt * chance.next() * 0.7 + 1;
  }
  moods.push({ at: calmAt, mood: 'well', restarts: chance.is(0.5), room: 0 });
  return {
    latencyMs: chance.pick([0, 1, 5, 10]),
    workMs: chance.pick([0, 2, 20]),
    keepAliveMs: chance.next() * requestTimeoutMs * 0.7,
    transactionCapacity: isFaultless || chance.is(0.7) ? Number.POSITIVE_INFINITY : chance.integer(1, batchSize),
    evil: chance.pick(isSiege ? evils : evils.slice(0, 2)),
    breaks: isSiege && chance.is(0.5) ? chance.next() * 0.5 : 0,
    room: drawRoom(chance, batchSize, isSiege),
    moods,
  };
}

const evils: readonly Evil[] = ['exception', 'close', 'silence', 'half', 'refusal', 'takes'];

function drawRoom(chance: Chance, batchSize: number, isSiege: boolean): AgentScript['room'] {
  const isBounded = isSiege && chance.is(0.4);
  return {
    events: isBounded ? chance.integer(batchSize, 5 * batchSize) : Number.POSITIVE_INFINITY,
    bytes: isBounded && chance.is(0.5) ? chance.integer(6_000, 20_000) : Number.POSITIVE_INFINITY,
    drained: chance.pick([1, 10, 100]),
  };
}

function drawActions(chance: Chance, busyMs: number, { blockMs }: Settings, isSmall: boolean): Action[] {
  const actions: Action[] = [];
  const bursts = chance.integer(3, 15);
  const mostPerBurst = chance.pick(isSmall ? [5, 20, 40] : [3, 10, 25]);
  for (let burst = 0; burst < bursts; burst++) {
    actions.push({ at: busyMs * chance.next(), does: 'put', count: chance.integer(1, mostPerBurst) });
  }
  for (let flushes = chance.integer(0, 3); flushes > 0; flushes--) {
    actions.push({ at: busyMs * chance.next(), does: 'flush', timeoutMs: chance.pick([0, 20, 500, 5_000]) });
  }
  if (chance.is(0.2))
    actions.push({ at: busyMs * chance.next(), does: 'ready', timeoutMs: chance.pick([0, 50, 2_000]) });
  if (blockMs > 0) actions.push({ at: busyMs * chance.next(), does: 'block', durationMs: blockMs * chance.next() });
  return actions.sort((one, other) => one.at - other.at);
}
