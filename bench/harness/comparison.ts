// What a benchmark is: subjects that do the same work, measured in turn, and what is computed from their rounds.
import { watchLoad } from './load.ts';

/** The numbers that a measured program printed: `events`, `ms`, `cpuMs` and more of its own; and whose the CPU was meanwhile. */
export type Numbers = Readonly<Record<string, number>>;

export interface Subject {
  readonly name: string;
  /** Runs it once, in processes of its own, and resolves with its numbers. */
  readonly run: () => Promise<Numbers>;
}

export interface Comparison {
  readonly id: string;
  readonly title: string;
  /** What is measured and how, in one or two sentences. */
  readonly about: string;
  readonly columns: readonly Column[];
  /** The rounds wanted where they differ from the run's. */
  readonly rounds?: number;
  /** Starts what all subjects use, and gives them; what it returns is stopped at the end. */
  readonly open: () => Promise<{ readonly subjects: readonly Subject[]; readonly close: () => Promise<void> }>;
}

/** A figure made of a round's numbers. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly digits: number;
}

export interface Outcome {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly columns: readonly Column[];
  readonly subjects: readonly { readonly name: string; readonly rounds: readonly Numbers[] }[];
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

const perSecond = ({ events = 0, ms = 1 }: Numbers): number => (1_000 * events) / ms;
const perEvent = (total: number, { events = 1 }: Numbers): number => (1_000 * total) / events;

/** The figures that any round gives; others are taken from its numbers by name. */
const derived: Readonly<Record<string, (numbers: Numbers) => number>> = {
  eventsPerSecond: perSecond,
  cpuPerEvent: (numbers) => perEvent(numbers.cpuMs ?? Number.NaN, numbers),
  logTime: (numbers) => perEvent(numbers.logMs ?? Number.NaN, numbers),
  putTime: (numbers) => perEvent(numbers.putMs ?? Number.NaN, numbers),
  putCpu: (numbers) => perEvent(numbers.putCpuMs ?? Number.NaN, numbers),
  putsPerSecond: ({ events = 0, putMs = Number.NaN }) => (1_000 * events) / putMs,
  drainsPerSecond: ({ events = 0, drainMs = Number.NaN }) => (1_000 * events) / drainMs,
  logCpu: (numbers) => perEvent(numbers.logCpuMs ?? Number.NaN, numbers),
  loadPart: ({ othersPart = Number.NaN, stolenPart = 0 }) => othersPart + stolenPart,
  arrivedPart: ({ arrived = Number.NaN, events = 1 }) => (100 * arrived) / events,
};

export const columns = {
  eventsPerSecond: { id: 'eventsPerSecond', title: 'events/s', digits: 0 },
  cpuPerEvent: { id: 'cpuPerEvent', title: 'CPU per event (µs)', digits: 2 },
  logTime: { id: 'logTime', title: 'time of a log call (µs)', digits: 2 },
  logCpu: { id: 'logCpu', title: 'CPU of a log call (µs)', digits: 2 },
  putTime: { id: 'putTime', title: 'time of put() (µs)', digits: 2 },
  putCpu: { id: 'putCpu', title: 'CPU of put() (µs)', digits: 2 },
  putsPerSecond: { id: 'putsPerSecond', title: 'put, events/s', digits: 0 },
  drainsPerSecond: { id: 'drainsPerSecond', title: 'taken, events/s', digits: 0 },
  arrivedPart: { id: 'arrivedPart', title: 'arrived (%)', digits: 1 },
  memoryRatio: { id: 'memoryRatio', title: 'memory / encoded bytes', digits: 3 },
  /** Of the machine: other processes, and other machines on the same hardware. Beside every figure. */
  loadPart: { id: 'loadPart', title: 'CPU used by others (%)', digits: 0 },
} as const satisfies Readonly<Record<string, Column>>;

export function spread(rounds: readonly Numbers[], column: string): Spread {
  const figure = derived[column] ?? ((numbers: Numbers) => numbers[column] ?? Number.NaN);
  const sorted = rounds.map(figure).sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? upper;
  return { median: (lower + upper) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

// A round while others use more than that is made again, twice at most.
const disturbedPart = 20;
const tries = 3;

/** How long a run may take for rounds that are made again. */
export interface Patience {
  leftMs: number;
}

/**
 * Runs all subjects in turn, as often as there are rounds, so that what disturbs the machine disturbs all alike.
 *
 * @param patience for rounds that others have disturbed
 */
export async function compare(
  comparison: Comparison,
  { rounds, patience, say }: { rounds: number; patience: Patience; say: (line: string) => void },
): Promise<Outcome> {
  const { id, title, about } = comparison;
  const wanted = Math.min(comparison.rounds ?? rounds, rounds === 1 ? 1 : Infinity);
  say(`${title}: ${wanted} rounds`);
  const { subjects, close } = await comparison.open();
  const measured = subjects.map(({ name }) => ({ name, rounds: [] as Numbers[] }));
  try {
    for (let round = 1; round <= wanted; round += 1) {
      for (const [index, subject] of subjects.entries()) {
        const began = performance.now();
        const numbers = await undisturbed(subject, patience, say);
        measured[index]?.rounds.push(numbers);
        const took = ((performance.now() - began) / 1_000).toFixed(1);
        say(
          `  ${round}/${wanted} ${subject.name}: ${shown([...comparison.columns, columns.loadPart], numbers)} (${took} s)`,
        );
      }
    }
  } finally {
    await close();
  }
  return { id, title, about, columns: comparison.columns, subjects: measured };
}

/** The numbers of a round that nobody disturbed, or the least disturbed of some. */
async function undisturbed(subject: Subject, patience: Patience, say: (line: string) => void): Promise<Numbers> {
  const first = await watched(subject);
  let best = first.numbers;
  for (let made = 1, { tookMs } = first; made < tries && loadOf(best) > disturbedPart; made += 1) {
    if (patience.leftMs < tookMs) break;
    say(`  ${subject.name}: others used ${loadOf(best).toFixed(0)} % of the machine; once more`);
    const { numbers, tookMs: more } = await watched(subject);
    patience.leftMs -= more;
    tookMs = more;
    if (loadOf(numbers) < loadOf(best)) best = numbers;
  }
  return best;
}

const loadOf = (numbers: Numbers): number => spread([numbers], columns.loadPart.id).median;

async function watched(subject: Subject): Promise<{ numbers: Numbers; tookMs: number }> {
  const began = performance.now();
  const load = watchLoad();
  const own = await subject.run();
  return { numbers: { ...own, ...load() }, tookMs: performance.now() - began };
}

function shown(wanted: readonly Column[], numbers: Numbers): string {
  return wanted
    .map(({ id, title, digits }) => [title, spread([numbers], id).median, digits] as const)
    .filter(([, value]) => Number.isFinite(value))
    .map(([title, value, digits]) => `${value.toLocaleString('en-US', fixed(digits))} ${title}`)
    .join(', ');
}

/** Digits for toLocaleString. */
export function fixed(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}
