// The charts of docs/capacity.md: the restart of an agent by the way that the fleet picks agents, and the real slice beside
// the simulation.
import type { Bar, Chart, Columns } from '../../bench/harness/drawing.ts';
import { agrees, pairs } from './agreement.ts';
import { type KeptOutcome, keptOf } from './simulations.ts';
import { shown } from './tables.ts';

/** By the names that the template has. */
export function charts(): Readonly<Record<'connects' | 'busiest' | 'real', Chart>> {
  return { connects: connects(), busiest: busiest(), real: real() };
}

type Restart = ReturnType<typeof keptOf>[number];

/** The list and the hash of each processor: pairs of series, as a chart has them. */
const restarts = (): readonly Restart[] => keptOf(['S3', 'S4', 'S5', 'S6']);

const ordinals = ['1st', '2nd', '3rd', '4th', '5th', '6th', '7th', '8th', '9th', '10th'];

function connects(): Chart {
  const each = restarts().map((restart) => ({ name: restart.about, values: eachSecond(restart) }));
  const longest = Math.max(...each.map(({ values }) => values.length));
  const groups = ordinals.slice(0, longest).map((ordinal) => `${ordinal} second`);
  const series = each.map(({ name, values }) => ({ name, values: groups.map((_, second) => values[second] ?? 0) }));
  return {
    file: 'restart-connects.svg',
    title: 'Connections in each second after an agent was killed, 2,000 processes, 8 agents',
    description: columnsInWords({ groups, series }),
    columns: { groups, series },
  };
}

function eachSecond({ id, outcome }: Restart): readonly number[] {
  const { connectsEachSecond } = outcome;
  if (connectsEachSecond === undefined) throw new Error(`run npm run fleet:results -- ${id}: its result is an old one`);
  return connectsEachSecond;
}

/** Of the processes that are connected to it, of the events that it takes: both of a whole that has 8 agents. */
function busiest(): Chart {
  const part = (of: (outcome: KeptOutcome['outcome']) => number): readonly number[] =>
    restarts().map(({ outcome }) => Math.round(1_000 * of(outcome)) / 10);
  const connected = part(({ connectionsPeak, clients }) => connectionsPeak / clients);
  const taken = part(({ loadMaxToMean, agents }) => loadMaxToMean / agents);
  const columns = {
    groups: ['processes connected to it, at most', 'events that it takes, a minute after'],
    series: restarts().map(({ about }, index) => ({
      name: about,
      values: [connected[index] ?? Number.NaN, taken[index] ?? Number.NaN],
    })),
  };
  return {
    file: 'busiest-agent.svg',
    title: 'The busiest of 8 agents when one was restarted, % of all processes and of all events',
    description: columnsInWords(columns),
    columns,
  };
}

const columnsInWords = ({ groups, series }: Columns): string =>
  groups
    .map((group, at) => `${group} ${series.map(({ name, values }) => `${name} ${shown(values[at] ?? 0)}`).join(', ')}`)
    .join('; ');

/** What the real runs gave as parts of what the simulation gives. */
function real(): Chart {
  const bars = pairs()
    .filter((pair) => pair.simulated > 0 && pair.real > 0)
    .map((pair): Bar => {
      const parts = pair.realRuns.map((value) => value / pair.simulated);
      return {
        name: `${pair.processor}: ${pair.what.replace(', ms', '')}`,
        isSubject: agrees(pair),
        median: pair.real / pair.simulated,
        min: Math.min(...parts),
        max: Math.max(...parts),
      };
    });
  return {
    file: 'real-slice.svg',
    title: 'Real runs over the simulation: 1 is the same',
    description: bars
      .map(({ name, median, min, max }) => `${name} ${shown(median)} (${shown(min)} to ${shown(max)})`)
      .join('; '),
    bars,
  };
}
